#include "model/catalogue.hpp"

#include "base/text.hpp"

namespace lobule {

void Catalogue::add(Part part) {
    const auto found = parts_.find(part.name);
    if (found != parts_.end())
        throw SpecError(part.where, "the name `" + part.name + "` is taken by " + found->second.where.file);
    parts_.emplace(part.name, std::move(part));
}

const Part* Catalogue::find(std::string_view name) const {
    const auto found = parts_.find(name);
    return found == parts_.end() ? nullptr : &found->second;
}

std::vector<std::string> Catalogue::names() const {
    std::vector<std::string> out;
    for (const auto& [name, part] : parts_) out.push_back(name);
    return out;
}

void check_sources(const Part& part, const std::set<std::string, std::less<>>& keys, std::vector<Problem>& problems) {
    if (keys.empty()) return;
    const std::vector<std::string> known(keys.begin(), keys.end());
    const auto check = [&](const std::string& source, const Where& where) {
        if (source.empty() || source_kind(source) != SourceKind::sourced || keys.contains(source)) return;
        problems.push_back({where,
                            "source `" + source + "` is not a key of evidence/sources.csv, nor derived:, fit:, balance, assumed",
                            nearest_name(source, known)});
    };
    for (const ParameterSpec& p : part.parameters) check(p.source, p.where);
    for (const ParameterSpec& p : part.overrides) check(p.source, p.where);
    for (const StateSpec& s : part.states) check(s.start.source, s.where);
    for (const VariableSpec& v : part.variables) check(v.start.source, v.where);
}

}  // namespace lobule
