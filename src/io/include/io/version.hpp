// Which program this is: for --version, provenance and reports.
#pragma once

#include <string>

namespace lobule::io {

struct Version {
    std::string number, commit, compiler, flags, build_type;
};
const Version& version();
/// "lobule 0.1.0 (abc1234, GNU 12.2.0, release)"
std::string version_text();

}  // namespace lobule::io
