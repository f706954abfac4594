// Attributes of cells: what a law of the cell reads, classes, and how totals over cells change.
//
// State holds the total A of a continuous attribute over the cells of a substate. A law of what happens to a cell may
// read the cell's own value a; the law is compiled with a as an input that is 0 in both readings, so that its value is
// the part without a, and its derivative by a is the slope. The ODE is then constant * N + slope * A, exact as long as
// the law is affine in a and the hazards, by which cells leave with their a, do not read it. Anything else is refused.
#include <algorithm>

#include "builder.hpp"

namespace lobule {

namespace {

const Dimension k_cell = Dimension::of(Dimension::cell);
const Dimension k_rate = power(Dimension::of(Dimension::time), -1);

}  // namespace

Dimension Builder::attribute_dimension(const Part& part, const AttributeSpec& attribute) const {
    return model_.attribute(part.name, attribute.name)->dimension;
}

/// The mid values of equal parts of the range.
double Builder::class_value(const AttributeSpec& attribute, std::int32_t k) {
    const double low = attribute.range->first.value, high = attribute.range->second.value;
    return low + (static_cast<double>(k) + 0.5) * (high - low) / attribute.classes;
}

/// Shares of classes that have the mean `value`: the two nearest ones; beyond the outer mid values the outer class.
std::vector<ExprId> Builder::class_shares(const AttributeSpec& attribute, ExprId value) {
    const double width = (attribute.range->second.value - attribute.range->first.value) / attribute.classes;
    const ExprId first = graph_.constant(class_value(attribute, 0));
    const ExprId last = graph_.constant(class_value(attribute, attribute.classes - 1));
    const ExprId inside = graph_.binary(Op::min, graph_.binary(Op::max, value, first), last);
    std::vector<ExprId> shares;
    for (std::int32_t k = 0; k < attribute.classes; ++k) {
        const ExprId off = graph_.binary(Op::sub, inside, graph_.constant(class_value(attribute, k)));
        const ExprId away = graph_.binary(Op::div, graph_.unary(Op::abs, off), graph_.constant(width));
        shares.push_back(
            graph_.binary(Op::max, graph_.binary(Op::sub, graph_.constant(1.0), away), graph_.constant(0.0)));
    }
    return shares;
}

/// Runs `use` once for every combination of attribute classes, with laws of `part` reading the values of a cell in them.
void Builder::for_each_class(const Part& part, const std::function<void(const std::vector<std::int32_t>&)>& use) {
    std::vector<const AttributeSpec*> classed;
    for (const AttributeSpec& a : part.attributes)
        if (a.classes > 0) classed.push_back(&a);
    std::vector<std::int32_t> now(classed.size(), 0);
    const CellContext before = context_;
    while (true) {
        context_ = {&part, now, {}};
        if (!part.attributes.empty()) {
            context_.key = "a cell of " + part.name;
            for (const std::int32_t k : now) context_.key += ' ' + std::to_string(k);
            context_.key += '|';
        }
        use(now);
        std::size_t at = 0;
        while (at < now.size() && ++now[at] == classed[at]->classes) now[at++] = 0;
        if (at == now.size()) break;
    }
    context_ = before;
}

/// An attribute as a law of its part sees it: that of the cell within what happens to a cell, else the mean over cells.
Builder::Compiled Builder::attribute_value(const Part& part, const AttributeSpec& attribute) {
    if (mode_ == Mode::start) return std::nullopt;
    const Dimension dimension = attribute_dimension(part, attribute);
    if (context_.part == &part) {
        if (attribute.classes > 0) {
            std::size_t index = 0;
            for (const AttributeSpec& a : part.attributes) {
                if (&a == &attribute) break;
                if (a.classes > 0) ++index;
            }
            return Typed{graph_.constant(class_value(attribute, context_.classes[index])), dimension};
        }
        return Typed{attribute_leaf(part, attribute), dimension};
    }
    const Compiled total = attribute_total(part, attribute);
    return Typed{mean_of_cells(total->id, cell_value(part, {})->id), dimension};
}

ExprId Builder::attribute_leaf(const Part& part, const AttributeSpec& attribute) {
    return graph_.input(model_.attribute(part.name, attribute.name)->slot,
                        part.in_body() ? Extent::one : Extent::lanes);
}

/// The sum over the cells of a zone.
Builder::Compiled Builder::attribute_total(const Part& part, const AttributeSpec& attribute) {
    const Population& population = model_.populations[layout_.population.at(part.name)];
    std::size_t classed = 0, continuous = 0;
    for (const AttributeSpec& a : part.attributes) {
        if (&a == &attribute) break;
        ++(a.classes > 0 ? classed : continuous);
    }
    ExprId sum = graph_.constant(0.0);
    for (const Population::Substate& sub : population.substates) {
        const ExprId term = attribute.classes > 0
                                ? graph_.binary(Op::mul, graph_.constant(class_value(attribute, sub.classes[classed])),
                                                entry(population, sub.count))
                                : entry(population, sub.totals[1 + continuous]);
        sum = graph_.binary(Op::add, sum, term);
    }
    return Typed{graph_.mark(sum), attribute_dimension(part, attribute) * k_cell};
}

/// The continuous attributes of a cell that a value reads, inside sums over zones too.
std::vector<const AttributeSpec*> Builder::attributes_in(const Part& part, ExprId value) {
    std::vector<const AttributeSpec*> found;
    std::vector<ExprId> open{value};
    std::vector<bool> seen(static_cast<std::size_t>(value) + 1);  // operands have smaller ids
    std::set<std::int32_t> slots;
    const Extent extent = extent_of(part);
    while (!open.empty()) {
        const ExprId id = open.back();
        open.pop_back();
        if (id < 0 || seen[static_cast<std::size_t>(id)]) continue;
        seen[static_cast<std::size_t>(id)] = true;
        const Expression& e = graph_[id];
        if (e.op == Op::input && e.extent == extent) slots.insert(e.integer);
        open.insert(open.end(), {e.a, e.b, e.c});
    }
    for (const AttributeSpec& attribute : part.attributes)
        if (attribute.classes == 0 && slots.contains(model_.attribute(part.name, attribute.name)->slot))
            found.push_back(&attribute);
    return found;
}

/// A law of what a cell does, as a rate per cell and slopes by its continuous attributes. Refuses what is not affine.
Builder::CellRate Builder::affine(const Part& part, const LawText& law, ExprId value) {
    CellRate out{value, {}};
    const std::vector<ExprId> leaves = graph_.leaves(value);
    for (const AttributeSpec* read : attributes_in(part, value))
        if (std::find(leaves.begin(), leaves.end(), attribute_leaf(part, *read)) == leaves.end())
            fault(law.where, "a sum or mean over zones of one cell's `" + read->name + "` means nothing: write `" +
                                 part.name + "." + read->name + "`, the mean over cells, within zone_sum or zone_mean");
    for (const AttributeSpec& attribute : part.attributes) {
        if (attribute.classes > 0) continue;
        const ExprId slope = graph_.derivative(value, attribute_leaf(part, attribute));
        if (!attributes_in(part, slope).empty())
            fault(law.where, "this law is not affine in the attribute `" + attribute.name + "` of " + part.name +
                                 ": zones know its mean over cells and no more; give the attribute `classes`");
        out.slopes.push_back(slope);
    }
    return out;
}

/// A hazard or a share: refused when it reads a continuous attribute, since the cells that leave would then carry another
/// attribute than the mean, which the zones cannot know.
void Builder::check_blind(const Part& part, const LawText& law, ExprId value, std::string_view what) {
    for (const AttributeSpec* attribute : attributes_in(part, value))
        fault(law.where,
              std::string(what) + " reads the attribute `" + attribute->name +
                  "` of the cell, of which zones know the mean only: give it `classes`, or read the mean, `" +
                  part.name + "." + attribute->name + "`");
}

/// What the cells of a substate do together: per-cell rate times number, plus slopes times attribute totals.
ExprId Builder::cells_times(const Population& population, std::int32_t substate, const CellRate& rate) {
    const Population::Substate& sub = population.substates[static_cast<std::size_t>(substate)];
    ExprId sum = graph_.binary(Op::mul, rate.constant, entry(population, sub.count));
    for (std::size_t a = 0; a < rate.slopes.size(); ++a)
        sum = graph_.binary(Op::add, sum, graph_.binary(Op::mul, rate.slopes[a], entry(population, sub.totals[1 + a])));
    return sum;
}

/// [[change]]: with classes, hops between them; else the attribute moves with the cell.
void Builder::build_change(Laws& laws, const Part& part, const CellProcessSpec& process) {
    const auto p = static_cast<std::int32_t>(layout_.population.at(part.name));
    const Population& population = model_.populations[static_cast<std::size_t>(p)];
    const AttributeSpec& attribute = *part.attribute(process.other);
    const Dimension dimension = attribute_dimension(part, attribute) * k_rate;
    const Extent extent = extent_of(part);
    std::size_t classed = 0, continuous = 0;
    for (const AttributeSpec& a : part.attributes) {
        if (&a == &attribute) break;
        ++(a.classes > 0 ? classed : continuous);
    }
    for_each_class(part, [&](const std::vector<std::int32_t>& classes) {
        const ExprId rate = compile_as(part, process.rate, extent, dimension, "`rate` of a change");
        if (attribute.classes == 0) {
            const CellRate law = affine(part, process.rate, rate);
            if (law.slopes.empty()) return;
            const auto quantity = static_cast<std::int32_t>(1 + continuous);
            // Other attributes of the same cell in the law: their totals are known, so the ODE is exact; agents move one
            // attribute at a time and would need their correlation.
            for (std::size_t a = 0; a < law.slopes.size(); ++a)
                if (a != continuous && !graph_.is_constant(law.slopes[a], 0.0))
                    fault(process.rate.where,
                          "the change of `" + attribute.name +
                              "` reads another continuous attribute of the cell: not in this version");
            for (const std::int32_t s : matching(part, process, classes)) {
                laws.changes.push_back({p, s, quantity, law.constant, law.slopes[continuous]});
                add_rate(rates(laws, population),
                         population.substates[static_cast<std::size_t>(s)].totals[1 + continuous],
                         cells_times(population, s, law));
            }
            return;
        }
        check_blind(part, process.rate, rate, "the change of a class");
        const double width = (attribute.range->second.value - attribute.range->first.value) / attribute.classes;
        const ExprId speed = graph_.binary(Op::div, rate, graph_.constant(width));
        const ExprId zero = graph_.constant(0.0);
        for (const std::int32_t s : matching(part, process, classes)) {
            const auto hop = [&](std::int32_t step, ExprId hazard) {
                std::vector<std::int32_t> to = classes;
                to[classed] += step;
                if (to[classed] < 0 || to[classed] >= attribute.classes || graph_.is_constant(hazard, 0.0)) return;
                const Population::Substate& sub = population.substates[static_cast<std::size_t>(s)];
                const std::int32_t target = substate(population, sub.state, sub.stage, sub.nuclear, to);
                laws.hops.push_back(
                    {Hop::Kind::advance, p, s, hazard, {{graph_.constant(1.0), target, 1, p}}, attribute.name});
            };
            hop(1, graph_.binary(Op::max, speed, zero));
            hop(-1, graph_.binary(Op::max, graph_.unary(Op::neg, speed), zero));
        }
    });
}

}  // namespace lobule
