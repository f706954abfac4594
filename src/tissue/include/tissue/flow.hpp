// Blood flow through a vessel network. Pressures in mmHg, flows in um^3/h, viscosity in mPa s.
#pragma once

#include <span>
#include <vector>

#include "tissue/vessels.hpp"

namespace lobule {

/// What drives the flow. All inlets hang on one feeding pressure through equal resistances and all outlets on the central
/// pressure, so the pressures share the inflow out.
struct FlowDrive {
    double inflow = 0.0;             // [um^3/h] all of it
    double viscosity = 3.0;          // [mPa s] apparent
    double inlet_resistance = 0.0;   // [mmHg h/um^3] between the feeding pressure and each inlet
    double outlet_resistance = 0.0;  // [mmHg h/um^3] between each outlet and the central pressure
    double central_pressure = 0.0;   // [mmHg]
    /// Radius = radius at rest * (1 + compliance * (pressure - rest_pressure)), and not below a tenth of it.
    double compliance = 0.0;     // [1/mmHg]
    double rest_pressure = 0.0;  // [mmHg]
};

struct Flow {
    std::vector<double> pressure;  // [mmHg] of each node
    std::vector<double> flow;      // [um^3/h] of each edge, from its a to its b
    std::vector<double> radius;    // [um] of each edge under its pressure
    std::vector<double> source;    // [um^3/h] into the network at each node: > 0 at inlets, < 0 at outlets, else 0
    double portal_pressure = 0.0;  // [mmHg] that feeds the inlets
    double blood_volume = 0.0;     // [um^3] in the vessels
    std::size_t cut_off = 0;       // nodes without a way both from an inlet and to an outlet; no blood moves there
    int radius_iterations = 0;     // solutions until the radii agreed with their pressures
    int solver_iterations = 0;     // of the linear solver, in all
};

/// mmHg = k * viscosity [mPa s] * length [um] / radius^4 [um^4] * flow [um^3/h]: Poiseuille, 8 / pi times
/// 1e-3 Pa s / mPa s / (3600 s/h * 133.322 Pa/mmHg).
inline constexpr double k_poiseuille = 8.0 / 3.14159265358979323846 * 1e-3 / (3600.0 * 133.322387415);

/// Conductance of all vessels together times viscosity [um^3]: what their shape alone decides, of rigid vessels.
inline double admittance(const Flow& flow, const FlowDrive& drive) {
    constexpr double k_pi_8 = 3.14159265358979323846 / 8.0;
    return k_pi_8 * k_poiseuille * drive.viscosity * drive.inflow / (flow.portal_pressure - drive.central_pressure);
}

/// Of particles that come in with the blood and follow it, at each branch in proportion to the flow, the share that each edge
/// holds back because it is narrower than `narrowest` [um, diameter]; the rest leaves at the outlets.
std::vector<double> held_back(const VesselNetwork& network, const Flow& flow, double narrowest);

/// Steady flow. Kirchhoff's balance holds to rounding. `guess`, the pressures of an earlier solution, saves iterations;
/// it is left aside where the network has another number of nodes. Throws RunError where blood flows in and no vessel
/// leads from an inlet to an outlet, or the radii do not settle.
Flow solve_flow(const VesselNetwork& network, const Box& box, const FlowDrive& spec,
                std::span<const double> guess = {});

}  // namespace lobule
