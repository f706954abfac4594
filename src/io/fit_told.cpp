// What the data of a fit do not tell, in words.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/math.hpp"
#include "io/fit.hpp"

namespace lobule::io {

namespace {

using study::ProfileEnd;

void join(std::string& out, const std::string& more) { out += (out.empty() ? "" : "; ") + more; }

std::string of_profile(const VariedParameter& p, const study::Profile& profile, double best) {
    const ProfileEnd low = study::low_end(profile, p.bounded, best), high = study::high_end(profile, p.bounded, best);
    if (low == ProfileEnd::flat && high == ProfileEnd::flat)
        return fmt::format("its profile is flat to both bounds (S + {:.2g} and S + {:.2g})", study::low_rise(profile),
                           study::high_rise(profile));
    std::string out;
    const auto side = [&](ProfileEnd end, const char* bound, const char* beyond, double rise,
                          const std::optional<double>& failed) {
        switch (end) {
            case ProfileEnd::closed: return;
            case ProfileEnd::flat:
                return join(out, fmt::format("its profile is flat to its {} bound (S + {:.2g})", bound, rise));
            case ProfileEnd::at_bound: return join(out, fmt::format("it lies at its {} bound", bound));
            case ProfileEnd::failed:
                return join(
                    out, fmt::format("runs fail at {:.4g}{}{} and {}, before S has risen by 3.84", p.written(*failed),
                                     p.unit == "1" ? "" : " ", p.unit == "1" ? "" : p.unit, beyond));
        }
    };
    side(low, "lower", "below", study::low_rise(profile), profile.low_failed);
    side(high, "upper", "above", study::high_rise(profile), profile.high_failed);
    return out;
}

std::string of_shape(const study::LocalShape& shape, std::size_t parameter) {
    if (shape.blocked[parameter]) return "runs fail on both sides of it: it has no derivative";
    const double error = shape.errors[parameter];
    if (std::isfinite(error))
        return error < study::k_blunt_error ? ""
                                            : fmt::format("its standard error is {:.2g} % of its range", 100.0 * error);
    const double most = *std::max_element(shape.moved.begin(), shape.moved.end());
    if (!(shape.moved[parameter] > study::k_told * most)) return "no residual moves with it";
    return shape.tied[parameter].empty()
               ? "it has no standard error: the rows tell fewer directions than there are parameters"
               : "it has no standard error";
}

}  // namespace

std::string not_determined(const FitResult& result, std::size_t parameter) {
    const study::Profile* profile = result.profile(parameter);
    std::string out;
    if (profile != nullptr)
        out = of_profile(result.problem.parameters[parameter], *profile, result.winner().best[parameter]);
    else if (result.shape)
        out = of_shape(*result.shape, parameter);
    if (out.empty() || !result.shape || result.shape->tied[parameter].empty()) return out;
    std::string others;
    for (const std::size_t other : result.shape->tied[parameter])
        others += (others.empty() ? "" : ", ") + result.problem.parameters[other].bounded.name;
    return out + "; told together with " + others + " only";
}

std::optional<double> error_end(const FitResult& result, std::size_t parameter, double sign) {
    if (!result.shape || !std::isfinite(result.shape->errors[parameter])) return std::nullopt;
    const study::Bounded& b = result.problem.parameters[parameter].bounded;
    const double value = result.winner().best[parameter], step = sign * result.shape->errors[parameter];
    if (b.scale == study::Scale::linear) return value + step * (b.high - b.low);
    return value * math::exp(step * (math::ln(b.high) - math::ln(b.low)));
}

}  // namespace lobule::io
