// What only tissue knows of a lobule: names of the language that stand for closures (engine/closures.hpp), and the laws in which
// the language itself uses them.
#include <algorithm>

#include "builder.hpp"

namespace lobule {

namespace {

const Dimension k_none{};
const Dimension k_time = Dimension::of(Dimension::time);
const Dimension k_area = power(Dimension::of(Dimension::length), 2);
const Dimension k_volume = power(Dimension::of(Dimension::length), 3);
const Dimension k_pressure = Dimension::of(Dimension::mass) / Dimension::of(Dimension::length) / power(k_time, 2);

}  // namespace

/// The input that holds a closure: one for each name, in the laws of the run and of the rest state alike.
ExprId Builder::closure(ClosureInfo info) {
    const Extent extent = info.extent();
    for (const ClosureInfo& known : model_.closures)
        if (known.name == info.name) return graph_.input(known.slot, extent);
    info.slot = extent == Extent::one ? model_.one_inputs++ : model_.lane_inputs++;
    model_.closures.push_back(std::move(info));
    return graph_.input(model_.closures.back().slot, extent);
}

/// Their laws have the right dimensions also where nothing reads them.
void Builder::check_sinusoids() {
    const Part& tissue = *layout_.tissue;
    if (!tissue.sinusoids) return;
    const SinusoidLaws& laws = *tissue.sinusoids;
    const auto check = [&](const LawText& law, const Dimension& dimension, const char* what) {
        if (law.text.empty()) return;
        compile_as(tissue, law, Extent::one, dimension, what);
        if (laws.viscosity.text.empty())
            fault(law.where, std::string(what) + " has no meaning without `viscosity`: how blood flows");
    };
    check(laws.viscosity, k_pressure * k_time, "`viscosity`");
    check(laws.compliance, k_none / k_pressure, "`compliance`");
    check(laws.dilation, k_none, "`dilation`");
}

/// lobule.conductance: of the untouched vessels. lobule.pressure: of the vessels as they are now, which for a lobule that has
/// grown by s in volume, with vessels of the same calibre and density, conduct s^(1/3) as much. In a tube whose radius is
/// r0 (1 + b p) the flow is proportional to the fall of (1 + b p)^5, whatever network the tubes make.
Builder::Compiled Builder::vessel_value(std::string_view name) {
    const Part& tissue = *layout_.tissue;
    const std::string key = "lobule." + std::string(name);
    return once(key, tissue.sinusoids ? tissue.sinusoids->where : tissue.where, [&] {
        if (!tissue.sinusoids || tissue.sinusoids->viscosity.text.empty())
            throw SpecError(tissue.sinusoids ? tissue.sinusoids->where : tissue.where,
                            "`" + key + "` needs [sinusoids] with `viscosity` in the tissue");
        const SinusoidLaws& laws = *tissue.sinusoids;
        if (name == "conductance") {
            const ExprId viscosity =
                compile_as(tissue, laws.viscosity, Extent::one, k_pressure * k_time, "`viscosity`");
            const ExprId admittance = closure({ClosureInfo::Kind::admittance, "lobule.admittance"});
            return Typed{graph_.binary(Op::div, admittance, viscosity), k_volume / k_time / k_pressure};
        }
        ExprId vessels = -1;
        if (model_.spec.in_space) {
            vessels = body_input(static_cast<std::size_t>(model_.vessels_entry));
        } else {
            const ExprId grown = graph_.binary(Op::div, lobule_value("volume")->id, lobule_value("rest_volume")->id);
            vessels = graph_.binary(Op::pow, grown, graph_.constant(1.0 / 3.0));
        }
        ExprId conductance = graph_.binary(Op::mul, vessel_value("conductance")->id, vessels);
        if (!laws.dilation.text.empty())
            conductance = graph_.binary(Op::mul, conductance,
                                        compile_as(tissue, laws.dilation, Extent::one, k_none, "`dilation`"));
        const ExprId drop = graph_.binary(Op::div, lobule_value("inflow")->id, conductance);
        if (laws.compliance.text.empty()) return Typed{drop, k_pressure};
        // A compliance of 0 is that of a rigid tube, within the rounding of what follows.
        const ExprId least = graph_.constant(1e-6 / parse_unit("mmHg").factor);
        const ExprId given = compile_as(tissue, laws.compliance, Extent::one, k_none / k_pressure, "`compliance`");
        const ExprId b = graph_.binary(Op::max, given, least);
        const ExprId one = graph_.constant(1.0);
        const ExprId fifth =
            graph_.binary(Op::add, one, graph_.binary(Op::mul, graph_.constant(5.0), graph_.binary(Op::mul, b, drop)));
        const ExprId wider = graph_.binary(Op::sub, graph_.binary(Op::pow, fifth, graph_.constant(0.2)), one);
        return Typed{graph_.binary(Op::div, wider, b), k_pressure};
    });
}

/// Of the cells of blood that come with the flow, the share held back in each zone for want of room.
Builder::Compiled Builder::arrest_value(const Part& part) {
    if (!model_.has_tissue || !layout_.tissue->sinusoids)
        throw SpecError(part.where, "`" + part.name + ".arrest` needs [sinusoids] in the tissue");
    ClosureInfo info{ClosureInfo::Kind::arrest, part.name + ".arrest"};
    info.volume = static_cast<std::int32_t>(layout_.parameter.at(part.name + ".volume"));
    info.deformability = static_cast<std::int32_t>(layout_.parameter.at(part.name + ".deformability"));
    return Typed{closure(std::move(info)), k_none};
}

Builder::Compiled Builder::surface_value(std::string_view name) {
    const Part& tissue = *layout_.tissue;
    const std::string key = "zone." + std::string(name);
    if (!tissue.sinusoids) throw SpecError(tissue.where, "`" + key + "` needs [sinusoids] in the tissue");
    if (name == "wall") return Typed{closure({ClosureInfo::Kind::wall, key}), k_area};
    if (model_.spec.in_space)
        throw SpecError(tissue.where, "`" + key + "` is an area between zones: cells in space have none to read");
    return Typed{closure({ClosureInfo::Kind::border, key}), k_area};
}

/// A value as a cell meets it: of the tissue within its reach, which zones share. In space numbers are spread already.
ExprId Builder::among_neighbours(ExprId value) {
    const bool alone = model_.zones == 1 || !layout_.tissue->sinusoids || model_.spec.in_space;
    if (alone || graph_[value].extent == Extent::one) return value;
    const ExprId here = graph_.mark(value);
    ExprId out = here;
    for (const Op side : {Op::next, Op::previous}) {
        ExprId there = here;
        // Cells reach over less than half of the lobule.
        for (int k = 1; k <= std::min(model_.zones - 1, (model_.zones + 1) / 2); ++k) {
            there = graph_.neighbour(side, there);
            ClosureInfo info{ClosureInfo::Kind::reach, {}};
            info.offset = side == Op::next ? k : -k;
            info.name = "zone.reach." + std::to_string(info.offset);
            const ExprId share = closure(std::move(info));
            out = graph_.binary(Op::add, out, graph_.binary(Op::mul, share, graph_.binary(Op::sub, there, here)));
        }
    }
    return out;
}

}  // namespace lobule
