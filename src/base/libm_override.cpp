// The program's own `pow`, for the libraries it links.
//
// CVODE chooses its steps with pow(), and glibc picks a variant of pow by CPU (with or without FMA), whose last bits
// differ: two machines would take different steps. `nm -D` on Debian's libsundials_{cvode,cvodes,sunlinsolklu} 6.4.1
// and libklu shows pow as their only libm call beside sqrt, which IEEE 754 rounds exactly. A definition in the program
// comes before the one of libm in the dynamic linker's search (static archives bind to it at link time), so this object
// is linked into every executable; a plug-in such as the Python module must link the solver's static archive, since a
// library opened at run time cannot override libm for others.
#include "base/math.hpp"

extern "C" double pow(double x, double y) noexcept { return lobule::math::pow(x, y); }
