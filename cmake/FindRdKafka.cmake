# librdkafka, built once for all presets (see install_librdkafka). Defines RdKafka::rdkafka.
set(RdKafka_ROOT ${PROJECT_SOURCE_DIR}/build/librdkafka)
set(RdKafka_LIBRARY ${RdKafka_ROOT}/lib/librdkafka.a)

if(NOT TARGET RdKafka::rdkafka)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
                                                               ${CMAKE_CURRENT_LIST_DIR}/install_librdkafka)
  message(STATUS "librdkafka in ${RdKafka_ROOT}")
  execute_process(
    COMMAND ${CMAKE_CURRENT_LIST_DIR}/install_librdkafka ${RdKafka_ROOT}
    RESULT_VARIABLE RdKafka_failed)
  if(RdKafka_failed)
    message(FATAL_ERROR "librdkafka could not be built; see ${RdKafka_ROOT}/log")
  endif()
  find_package(OpenSSL REQUIRED)
  find_package(ZLIB REQUIRED)
  find_package(Threads REQUIRED)
  add_library(RdKafka::rdkafka STATIC IMPORTED GLOBAL)
  set_target_properties(
    RdKafka::rdkafka PROPERTIES IMPORTED_LOCATION ${RdKafka_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES
                                                                     ${RdKafka_ROOT}/include)
  target_link_libraries(
    RdKafka::rdkafka INTERFACE OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB sasl2 zstd Threads::Threads
                               ${CMAKE_DL_LIBS} m)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RdKafka REQUIRED_VARS RdKafka_LIBRARY)
