# Writes base/version.hpp (version, git commit, compiler, flags) into the build folder, at each build, but touches the
# file only when its text changes. Include it in one .cpp only: then a commit recompiles that file and no other.
if(CMAKE_SCRIPT_MODE_FILE)
  set(commit "")
  find_program(git git)
  if(git)
    # The last commit that touched the program, so that a commit of data alone changes nothing here.
    execute_process(COMMAND "${git}" log -1 --format=%h -- src CMakeLists.txt WORKING_DIRECTORY "${SOURCE}"
      OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    execute_process(COMMAND "${git}" status --porcelain -- src CMakeLists.txt WORKING_DIRECTORY "${SOURCE}"
      OUTPUT_VARIABLE changed OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(commit AND changed)
      string(APPEND commit "-modified")
    endif()
  endif()
  if(NOT commit)
    set(commit "unknown")
  endif()
  file(CONFIGURE OUTPUT "${OUT}" CONTENT [[
// Written by src/version.cmake at build time. Include in one .cpp only.
#pragma once

namespace lobule::version {

inline constexpr const char* k_number = "@NUMBER@";
inline constexpr const char* k_commit = "@commit@";
inline constexpr const char* k_compiler = "@COMPILER@";
inline constexpr const char* k_flags = "@FLAGS@";
inline constexpr const char* k_build_type = "@BUILD_TYPE@";

}  // namespace lobule::version
]] @ONLY)
  return()
endif()

string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type_upper)
add_custom_target(lobule_version
  BYPRODUCTS "${CMAKE_CURRENT_BINARY_DIR}/generated/include/base/version.hpp"
  COMMAND "${CMAKE_COMMAND}"
    "-DSOURCE=${CMAKE_SOURCE_DIR}"
    "-DOUT=${CMAKE_CURRENT_BINARY_DIR}/generated/include/base/version.hpp"
    "-DNUMBER=${PROJECT_VERSION}"
    "-DCOMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
    "-DFLAGS=-std=c++20 ${CMAKE_CXX_FLAGS_${build_type_upper}} -ffp-contract=off"
    "-DBUILD_TYPE=${CMAKE_BUILD_TYPE}"
    -P "${CMAKE_CURRENT_LIST_FILE}"
  COMMENT "version" VERBATIM)
