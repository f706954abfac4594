// Drawing of what lies in a slab. All in um around the middle of the view: the caller has scaled and clipped the canvas.
#pragma once

#include "canvas.hpp"
#include "section_cut.hpp"
#include "section_field.hpp"

namespace lobule::io::section {

/// A number over the plane, and the ends of its scale.
struct Layer {
    const Field* field = nullptr;
    double low = 0.0, high = 1.0;
    double share(const Point& p) const;  // 0 to 1
};

/// From um in the plane to points of the picture.
struct Pen {
    Canvas& on;
    Point middle;
    double scale;  // points for a um
    Point operator()(const Point& p) const { return middle + p * scale; }
    double operator()(double length) const { return length * scale; }
};

void draw_plates(const Pen& pen, const std::vector<CutCell>& cells, const State& state,
                 const std::vector<PopulationLook>& looks, const Layer& colours);
/// Of those whose centre lies in the slab.
void draw_nuclei(const Pen& pen, const View& view, const std::vector<CutCell>& cells, const State& state,
                 const Model& places, const std::vector<PopulationLook>& looks);
/// Fibres of a matrix, one for `each` amount in the slab: between cells and along the walls of sinusoids.
void draw_fibres(const Pen& pen, const View& view, const std::vector<CutCell>& cells,
                 const std::vector<Channel>& channels, const Field& density, double each);
void draw_channels(const Pen& pen, const std::vector<Channel>& channels);
/// Central veins and portal tracts, all that the window holds.
void draw_large_vessels(const Pen& pen, const View& view, bool fibres);
/// Those in and on sinusoids, or all others.
void draw_singles(const Pen& pen, const std::vector<SingleCell>& cells, const State& state,
                  const std::vector<PopulationLook>& looks, bool of_sinusoids);
/// Cells that were given, over all else.
void draw_given(const Pen& pen, const std::vector<SingleCell>& cells, const State& state,
                const std::vector<PopulationLook>& looks);
/// The borders between lobules; what lies beyond the one in the middle is paler.
void draw_border(const Pen& pen, const View& view);

/// A cell of a plate as wide as `radius`, without its neighbours: of a legend.
void draw_plate_key(const Pen& pen, double radius, const PopulationLook& look, const StateLook& state, bool coloured);
/// One cell by itself at a size of its own: of a section and of its legend.
void draw_single(const Pen& pen, const SingleCell& cell, const PopulationLook& look, const StateLook& state);

}  // namespace lobule::io::section
