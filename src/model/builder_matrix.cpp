// Matrix: amounts in the tissue of a zone, by pool (fresh, crosslinked) and by the cells that laid it.
#include "base/text.hpp"
#include "builder.hpp"

namespace lobule {

namespace {

const Dimension k_cell = Dimension::of(Dimension::cell);
const Dimension k_rate = power(Dimension::of(Dimension::time), -1);

}  // namespace

const Part* Builder::find_matrix(const std::string& name, const Where& where) {
    const Part* found = layout_.find(name);
    if (found != nullptr && found->kind == PartKind::matrix) return found;
    std::vector<std::string> known;
    for (const Part* other : layout_.parts)
        if (other->kind == PartKind::matrix) known.push_back(other->name);
    fault(where, "no matrix of this model is called `" + name + "`", nearest_name(name, known));
    return nullptr;
}

/// Amount per tissue volume: all of it, a pool, or what one cell type laid.
Builder::Compiled Builder::matrix_value(const Part& part, std::string_view name) {
    const MatrixLayout& matrix = layout_.matrix.at(part.name);
    ExprId sum = graph_.constant(0.0);
    bool any = false;
    for (const MatrixLayout::Pool& pool : matrix.pools)
        if (name.empty() || name == pool.pool || name == pool.origin) {
            sum = graph_.binary(Op::add, sum, zone_input(pool.entry));
            any = true;
        }
    if (!any) return std::nullopt;
    return Typed{graph_.binary(Op::div, graph_.mark(sum), zone_value("volume")->id), matrix.density};
}

void Builder::build_deposition(Laws& laws, const Part& part, const CellProcessSpec& process) {
    const Part* matrix = find_matrix(process.other, process.other_where);
    if (matrix == nullptr) return;
    if (part.in_body()) {
        fault(process.where, "cells of blood and marrow lay down no matrix in tissue");
        return;
    }
    const MatrixLayout& layout = layout_.matrix.at(matrix->name);
    for (const MatrixLayout::Pool& pool : layout.pools) {
        if (pool.pool != "fresh" || pool.origin != part.name) continue;
        const Dimension amount = model_.zone_states[pool.entry].dimension;
        for_each_class(part, [&](const std::vector<std::int32_t>& classes) {
            const ExprId rate =
                compile_as(part, process.rate, Extent::lanes, amount * k_rate / k_cell, "`rate` of a deposition");
            add_rate(laws.zone_rates, static_cast<std::int32_t>(pool.entry),
                     all_cells_times(part, process, classes, affine(part, process.rate, rate)));
        });
    }
}

void Builder::build_matrix(Laws& laws) {
    for (const Part* part : layout_.parts)
        for (const MatrixProcessSpec& process : part->matrix_processes) {
            const Part* matrix = find_matrix(process.matrix, process.where);
            if (matrix == nullptr) continue;
            if (process.pool == "crosslinked" && !layout_.matrix.at(matrix->name).crosslinks) {
                fault(process.where,
                      "`" + matrix->name + "` has no crosslinked pool: that part declares no [[crosslinking]]");
                continue;
            }
            const bool links = process.kind == MatrixProcessSpec::Kind::crosslinking;
            const std::string what = links ? "`rate` of crosslinking" : "`rate` of a degradation";
            const ExprId rate = compile_as(*part, process.rate, Extent::lanes, k_rate, what);
            add_hazard(laws, rate, process.rate.where, what);
            ExprId back = graph_.constant(0.0);
            if (!process.back.text.empty()) {
                back = compile_as(*part, process.back, Extent::lanes, k_rate, "`back` of crosslinking");
                add_hazard(laws, back, process.back.where, "`back` of crosslinking");
            }
            const auto& pools = layout_.matrix.at(matrix->name).pools;
            const auto share = [&](ExprId of, std::size_t entry) {
                return graph_.binary(Op::mul, of, zone_input(entry));
            };
            for (const MatrixLayout::Pool& pool : pools) {
                const auto at = static_cast<std::int32_t>(pool.entry);
                if (!links) {
                    if (process.pool == "all" || process.pool == pool.pool)
                        add_rate(laws.zone_rates, at, share(rate, pool.entry), true);
                    continue;
                }
                if (pool.pool != "fresh") continue;
                for (const MatrixLayout::Pool& other : pools) {
                    if (other.pool == "fresh" || other.origin != pool.origin) continue;
                    const ExprId flux = graph_.binary(Op::sub, share(rate, pool.entry), share(back, other.entry));
                    add_rate(laws.zone_rates, at, flux, true);
                    add_rate(laws.zone_rates, static_cast<std::int32_t>(other.entry), flux);
                }
            }
        }
}

/// The first guess of a pool at rest: the start, in equal shares of the cells that lay it.
ExprId Builder::matrix_start(const StateInfo& state) {
    for (const auto& [name, matrix] : layout_.matrix)
        for (const MatrixLayout::Pool& pool : matrix.pools) {
            if (model_.zone_states[pool.entry].name != state.name) continue;
            const Part& part = *layout_.find(name);
            ExprId level = own(part, "start")->id;
            if (matrix.crosslinks && part.parameter("start_crosslinked") != nullptr) {
                const ExprId linked = own(part, "start_crosslinked")->id;
                level = graph_.binary(
                    Op::mul, level,
                    pool.pool == "crosslinked" ? linked : graph_.binary(Op::sub, graph_.constant(1.0), linked));
            } else if (pool.pool == "crosslinked") {
                level = graph_.constant(0.0);
            }
            level = graph_.binary(Op::div, level, graph_.constant(static_cast<double>(matrix.origins)));
            return graph_.binary(Op::mul, level, zone_value("rest_volume")->id);
        }
    return graph_.constant(0.0);
}

}  // namespace lobule
