# What all targets have in common: the language, warnings, sanitizers, the linker; and how tests are declared.

option(BOXOFFICE_WERROR "Warnings are errors" OFF)
option(BOXOFFICE_FUZZ "Build the fuzzers (clang)" OFF)
set(BOXOFFICE_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

find_program(CCACHE ccache)
if(CCACHE)
  # Paths relative to the source tree: build directories and clones share what was compiled once.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Assertions stay on in release: a programmer's error must never be answered with a wrong ticket.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")

# All that the sanitizer presets build and run.
add_custom_target(sanitized_tests)
add_custom_target(fuzzers)

add_library(boxoffice_options INTERFACE)
target_include_directories(boxoffice_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(boxoffice_options INTERFACE -Wall -Wextra -Wpedantic -Wno-missing-field-initializers)
if(BOXOFFICE_WERROR)
  target_compile_options(boxoffice_options INTERFACE -Werror)
endif()
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/seeds)
if(BOXOFFICE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(BOXOFFICE_SANITIZE)
  add_compile_options(-fsanitize=${BOXOFFICE_SANITIZE} -fno-omit-frame-pointer -g1 -O1)
  add_link_options(-fsanitize=${BOXOFFICE_SANITIZE})
  if(BOXOFFICE_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  if(BOXOFFICE_SANITIZE STREQUAL thread)
    add_compile_options(-Wno-tsan)
  endif()
endif()

# boxoffice_library(NAME SOURCES a.cpp … LINKS x …)
function(boxoffice_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC boxoffice_options ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# boxoffice_test(NAME LABEL unit|contract|integration|simulation|e2e SOURCES … LINKS …)
function(boxoffice_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;LINKS" ${ARGN})
  if(BOXOFFICE_FUZZ)
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 900)
  endif()
  find_package(GTest REQUIRED)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE boxoffice_options ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
  set_tests_properties(
    ${name}
    PROPERTIES
      ENVIRONMENT
      "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.suppressions;UBSAN_OPTIONS=print_stacktrace=1"
  )
  if(ARG_LABEL MATCHES "unit|contract|simulation")
    add_dependencies(sanitized_tests ${name})
  endif()
endfunction()

# boxoffice_fuzzer(NAME SOURCES … LINKS … CORPUS dir): the folder's files are the seeds
function(boxoffice_fuzzer name)
  if(NOT BOXOFFICE_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "CORPUS" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE boxoffice_options ${ARG_LINKS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  add_dependencies(fuzzers ${name})
  if(ARG_CORPUS)
    file(CREATE_LINK ${ARG_CORPUS} ${PROJECT_BINARY_DIR}/seeds/${name} SYMBOLIC COPY_ON_ERROR)
  endif()
endfunction()
