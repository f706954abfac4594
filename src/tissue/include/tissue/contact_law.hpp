// Laws of the force between two spheres whose centres are q apart, R the sum of their contact radii. Forces are speeds: of
// a sphere of mobility 1 under that force, so the friction is in the units.
#pragma once

namespace lobule {

/// Quadratic repulsion and adhesion of finite reach, by which other engines are compared:
/// F = repulsion (1 - q/R)^2 [q < R] - adhesion (1 - q/S)^2 [q < S], S = reach R.
/// Macklin et al., J Theor Biol 301:122 (2012); Ghaffarizadeh et al., PLoS Comput Biol 14:e1005991 (2018).
struct QuadraticLaw {
    double repulsion = 10.0;  // [um/min]
    double adhesion = 0.4;    // [um/min]
    double reach = 1.25;
};

/// At rest at q = R. With e = q/R - 1: F = -stiffness e for e < 0, linear as a spring (Meineke et al., Cell Prolif 34:253,
/// 2001); F = -stiffness adhesion e (1 - e/E)^2 for 0 < e < E = reach - 1, the cubic that fades without a jump at its
/// cut-off (Delile et al., Nat Commun 8:13929, 2017; Mathias et al., Bull Math Biol 82:132, 2020). With adhesion 1 the
/// slope is continuous at rest.
struct ElasticLaw {
    double stiffness = 100.0;  // [um/h] for each unit of relative overlap
    double adhesion = 1.0;     // share of the stiffness that holds when pulled
    double reach = 1.3;        // above 1
};

}  // namespace lobule
