// What exists: every part of a biology, by name. Putting a part here changes no run; a Spec names what it uses.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/part.hpp"

namespace lobule {

class Catalogue {
public:
    /// Adds a part. Throws SpecError when the name is taken.
    void add(Part part);
    const Part* find(std::string_view name) const;
    std::vector<std::string> names() const;
    const std::map<std::string, Part, std::less<>>& parts() const noexcept { return parts_; }

    /// Keys of evidence/sources.csv; sources are checked against them when the set is not empty.
    std::set<std::string, std::less<>> source_keys;

private:
    std::map<std::string, Part, std::less<>> parts_;
};

/// The smallest set of parts that gives the laws of `part` a meaning: `part`, the parts, signals and compartments its laws
/// and words name, theirs in turn, and a tissue when cells or signals are among them. Unknown names are left for compile() to
/// report. Names are sorted; `part` itself need not be in the catalogue.
std::vector<std::string> needed_parts(const Catalogue& catalogue, const Part& part);

/// Sources of a part that are neither a known key nor derived/fit/balance/assumed.
void check_sources(const Part& part, const std::set<std::string, std::less<>>& keys, std::vector<Problem>& problems);

}  // namespace lobule
