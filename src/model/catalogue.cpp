#include "model/catalogue.hpp"

#include <algorithm>
#include <functional>

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

namespace {

void for_each_law(const Part& part, const std::function<void(const LawText&)>& visit) {
    const auto start = [&](const StartSpec& s) { visit(s.law); };
    for (const DefineSpec& d : part.defines) visit(d.law);
    for (const VariableSpec& v : part.variables) start(v.start), visit(v.rate);
    for (const EffectSpec& e : part.effects) visit(e.law);
    for (const ProbeSpec& p : part.probes) visit(p.law);
    for (const StateSpec& s : part.states) start(s.start), visit(s.advance);
    for (const AttributeSpec& a : part.attributes) start(a.start);
    if (part.crowding) visit(part.crowding->places);
    for (const CellProcessSpec& p : part.processes) {
        visit(p.rate);
        visit(p.extra);
        visit(p.reach);
        for (const auto& [target, share] : p.to) visit(share);
    }
    for (const SignalProcessSpec& p : part.signal_processes) visit(p.rate);
    for (const MatrixProcessSpec& p : part.matrix_processes) visit(p.rate), visit(p.back);
    for (const CompartmentSpec& c : part.compartments) visit(c.volume);
    for (const FlowSpec& f : part.flows) visit(f.rate);
    for (const LawText* law : {&part.tissue_volume, &part.tissue_count, &part.tissue_fluid, &part.tissue_displacement,
                               &part.tissue_radius, &part.carried, &part.entering})
        visit(*law);
    if (part.sinusoids) {
        for (const LawText& law : part.sinusoids->laws) visit(law);
        for (const LawText* law : {&part.sinusoids->viscosity, &part.sinusoids->compliance, &part.sinusoids->dilation})
            visit(*law);
    }
    for (const EventSpec& e : part.events) {
        for (const StartSpec* s : {&e.at, &e.every, &e.until}) start(*s);
        if (e.when) visit(*e.when);
        for (const auto& [target, law] : e.set) visit(law);
    }
}

}  // namespace

std::vector<std::string> needed_parts(const Catalogue& catalogue, const Part& part) {
    std::map<std::string, const Part*> chosen;
    std::vector<const Part*> open;
    const std::string folder = part.where.file.substr(0, part.where.file.rfind("biology/"));
    const auto choose = [&](const Part& found) {
        if (found.kind != PartKind::set && found.kind != PartKind::species && chosen.emplace(found.name, &found).second)
            open.push_back(&found);
    };
    // Of several that fit: one already chosen, else one beside `part`, else the first.
    const auto choose_one = [&](const auto& fits) {
        const Part* found = nullptr;
        for (const auto& [other, candidate] : catalogue.parts()) {
            if (!fits(candidate)) continue;
            if (chosen.contains(candidate.name)) return;
            if (found == nullptr || candidate.where.file.starts_with(folder)) found = &candidate;
        }
        if (found != nullptr) choose(*found);
    };
    const auto name = [&](std::string_view dotted) {
        const std::string_view first = dotted.substr(0, dotted.find('.'));
        if (first == part.name) return choose(part);
        if (const Part* found = catalogue.find(first)) choose(*found);
        choose_one([&](const Part& p) {
            return std::any_of(p.compartments.begin(), p.compartments.end(),
                               [&](const CompartmentSpec& c) { return c.name == first; });
        });
    };
    choose(part);
    while (!open.empty()) {
        const Part& next = *open.back();
        open.pop_back();
        for_each_law(next, [&](const LawText& law) {
            if (law.text.empty()) return;
            try {
                for (const std::string& mentioned : law_names(law)) name(mentioned);
            } catch (const SpecError&) {  // reported when the law is compiled
            }
        });
        for (const CellProcessSpec& p : next.processes) {
            if (!p.other.empty() && p.kind != CellProcessSpec::Kind::change) name(p.other);
            for (const auto& [target, share] : p.to)
                if (target.find('.') != std::string::npos) name(target);
        }
        if (next.crowding)
            for (const std::string& other : next.crowding->shared_with) name(other);
        for (const MatrixProcessSpec& p : next.matrix_processes) name(p.matrix);
        if (!next.compartment.empty()) name(next.compartment);
        if (!next.needs.empty()) name(next.needs);
        for (const SignalProcessSpec& p : next.signal_processes)
            for (const std::string& mentioned : {p.place, p.signal, p.to})
                if (mentioned != "tissue") name(mentioned);  // a place, whatever parts are called
        for (const std::string& compartment : next.carried_in) name(compartment);
        for (const EffectSpec& e : next.effects)
            if (!e.optional) name(e.on);
        for (const EventSpec& e : next.events)
            for (const auto& [target, law] : e.set) name(target);
        bool tissue = false, wanted = false;
        for (const auto& [other, found] : chosen) {
            tissue = tissue || found->kind == PartKind::tissue;
            wanted = wanted || found->kind == PartKind::cell || found->kind == PartKind::signal ||
                     found->kind == PartKind::matrix || found->kind == PartKind::injury;
        }
        if (!tissue && wanted) choose_one([](const Part& p) { return p.kind == PartKind::tissue; });
        if (!next.entering.text.empty())
            choose_one([](const Part& p) {
                return std::any_of(p.flows.begin(), p.flows.end(), [](const FlowSpec& f) { return f.to == "lobule"; });
            });
    }
    std::vector<std::string> out;
    for (const auto& [chosen_name, found] : chosen) out.push_back(chosen_name);
    return out;
}

void check_sources(const Part& part, const std::set<std::string, std::less<>>& keys, std::vector<Problem>& problems) {
    if (keys.empty()) return;
    const std::vector<std::string> known(keys.begin(), keys.end());
    const auto check = [&](const std::string& source, const Where& where) {
        if (source == "derived:" || source == "fit:") {
            problems.push_back(
                {where, "source `" + source + "` does not say " + (source == "fit:" ? "which problem" : "how"), {}});
            return;
        }
        if (source_kind(source) != SourceKind::sourced || keys.contains(source)) return;
        problems.push_back(
            {where,
             "source `" + source + "` is not a key of evidence/sources.csv, nor derived:, fit:, balance, assumed",
             nearest_name(source, known)});
    };
    for (const ParameterSpec& p : part.parameters) check(p.source, p.where);
    for (const ParameterSpec& p : part.overrides) check(p.source, p.where);
    for (const StateSpec& s : part.states)
        if (!s.start.source.empty()) check(s.start.source, s.where);
    for (const AttributeSpec& a : part.attributes)
        if (!a.start.source.empty()) check(a.start.source, a.where);
    for (const VariableSpec& v : part.variables)
        if (!v.start.source.empty()) check(v.start.source, v.where);
}

}  // namespace lobule
