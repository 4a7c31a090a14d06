# C++ types from JSON Schemas (events-schema/README.md).

set(BOXOFFICE_SCHEMA_FOLDER ${PROJECT_SOURCE_DIR}/events-schema)
file(GLOB BOXOFFICE_GENERATOR CONFIGURE_DEPENDS ${BOXOFFICE_SCHEMA_FOLDER}/generator/*.py)

# Runs the generator; OUT is its header, beside which stands the source of the same name; ALSO what else it makes.
function(boxoffice_generate)
  cmake_parse_arguments(ARG "" "OUT;MODE;ALSO" "ARGUMENTS;FOLDERS" ${ARGN})
  set(schemas "")
  foreach(folder ${ARG_FOLDERS})
    file(GLOB found CONFIGURE_DEPENDS ${folder}/*.json)
    list(APPEND schemas ${found})
  endforeach()
  cmake_path(REPLACE_EXTENSION ARG_OUT LAST_ONLY cpp OUTPUT_VARIABLE source)
  add_custom_command(
    OUTPUT ${ARG_OUT} ${source} ${ARG_ALSO}
    COMMAND /usr/bin/python3 -B ${BOXOFFICE_SCHEMA_FOLDER}/generator/generate.py ${ARG_MODE}
            ${ARG_ARGUMENTS}
    DEPENDS ${BOXOFFICE_GENERATOR} ${BOXOFFICE_SCHEMA_FOLDER}/types.json ${schemas}
    COMMENT "Making ${ARG_OUT}"
    VERBATIM)
endfunction()

# boxoffice_schema_structs(TARGET t FOLDER bodies NAMESPACE boxoffice::gateway HEADER gateway/bodies.hpp)
#
# Gives the existing target t the structs of each schema in FOLDER (relative to the current one), and what reads and
# writes them (Reader::object<T>, write_object<T>). HEADER is how the sources include the generated header.
function(boxoffice_schema_structs)
  cmake_parse_arguments(ARG "" "TARGET;FOLDER;NAMESPACE;HEADER" "" ${ARGN})
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_FOLDER})
  set(out ${PROJECT_BINARY_DIR}/${ARG_HEADER})
  boxoffice_generate(
    OUT ${out}
    MODE structs
    ARGUMENTS ${folder} ${ARG_NAMESPACE} ${BOXOFFICE_SCHEMA_FOLDER}/types.json ${PROJECT_BINARY_DIR}
              ${ARG_HEADER}
    FOLDERS ${folder})
  cmake_path(REPLACE_EXTENSION out LAST_ONLY cpp OUTPUT_VARIABLE source)
  find_package(simdjson REQUIRED)
  target_sources(${ARG_TARGET} PRIVATE ${source} ${out})
  target_link_libraries(${ARG_TARGET} PUBLIC boxoffice_schema PRIVATE simdjson::simdjson)
endfunction()
