# librdkafka, which Debian ships with a pkg-config file only. Defines RdKafka::rdkafka.
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(PC_RDKAFKA QUIET IMPORTED_TARGET rdkafka)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RdKafka REQUIRED_VARS PC_RDKAFKA_LIBRARIES VERSION_VAR PC_RDKAFKA_VERSION)

if(RdKafka_FOUND AND NOT TARGET RdKafka::rdkafka)
  add_library(RdKafka::rdkafka INTERFACE IMPORTED)
  target_link_libraries(RdKafka::rdkafka INTERFACE PkgConfig::PC_RDKAFKA)
endif()
