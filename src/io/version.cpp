#include "io/version.hpp"

#include "base/version.hpp"

namespace lobule::io {

const Version& version() {
    static const Version value{version::k_number, version::k_commit, version::k_compiler, version::k_flags,
                               version::k_build_type};
    return value;
}

std::string version_text() {
    const Version& v = version();
    return "lobule " + v.number + " (" + v.commit + ", " + v.compiler + ", " + v.build_type + ")";
}

}  // namespace lobule::io
