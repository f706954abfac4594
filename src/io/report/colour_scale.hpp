// A diverging scale of colours whose steps look equal: straight lines in OKLab (Ottosson 2020) from a pale middle to blue and to
// orange, two hues that people with red-green blindness tell apart, of equal lightness at equal distance.
#pragma once

#include <array>
#include <string>

namespace lobule::io::report {

/// OKLab lightness, green to red, blue to yellow. `t` from -1 (orange) over 0 (pale) to 1 (blue); beyond, the ends.
std::array<double, 3> diverging_lab(double t);
/// The same as linear red, green and blue, 0 to 1.
std::array<double, 3> diverging_rgb(double t);
/// "#rrggbb"
std::string diverging(double t);
/// Whether text on it must be light.
bool is_dark(double t);

}  // namespace lobule::io::report
