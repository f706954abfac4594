// Which vessels are near a place. Private to the layer.
#pragma once

#include <algorithm>

#include "point_cells.hpp"
#include "tissue/vessels.hpp"

namespace lobule {

/// Edges as they were when it was made.
class EdgeFinder {
public:
    /// To find edges whose axis comes within `reach` of a place.
    EdgeFinder(const VesselNetwork& network, const Box& box, double reach)
        : box_(box),
          pieces_(sorted(cut(network, box), network, box, reach)),
          middles_(middles_of(network, box, pieces_)),
          cells_(box, middles_, reach + 0.5 * k_piece) {}

    /// f(edge, from the nearest point of its axis to p) for every edge within reach, and some beyond, each once. p lies
    /// inside the box.
    template <class F>
    void near(const Vec3& p, F&& f) const {
        cells_.near(p, [&](std::uint32_t k) {
            const Piece& piece = pieces_[k];
            const Vec3 d = from_to_inside(box_, middles_[k], p);
            double t = dot(d, piece.way) * piece.inverse_square;
            // Beyond an end that is a cut, another piece of the same edge is nearer.
            if (t < -0.5) {
                if (!piece.starts) return;
                t = -0.5;
            } else if (t >= 0.5) {
                if (!piece.ends) return;
                t = 0.5;
            }
            f(piece.edge, d - piece.way * t);
        });
    }

private:
    static constexpr double k_piece = 12.0;  // [um] short, so that few that are far are looked at
    struct Piece {
        double along;  // its middle on the edge
        Vec3 way;
        double inverse_square;  // 1 / |way|^2
        std::uint32_t edge;
        bool starts, ends;  // with the edge
    };

    static std::vector<Piece> cut(const VesselNetwork& network, const Box& box) {
        std::vector<Piece> pieces;
        pieces.reserve(2 * network.edge_count());
        for (std::size_t e = 0; e < network.edge_count(); ++e) {
            const Vec3 all = network.edge_vector(box, e);
            const int n = std::max(1, static_cast<int>(std::ceil(length(all) / k_piece)));
            const Vec3 way = all * (1.0 / n);
            const double square = dot(way, way);
            for (int k = 0; k < n; ++k)
                pieces.push_back({(k + 0.5) / n, way, square > 0.0 ? 1.0 / square : 0.0, static_cast<std::uint32_t>(e),
                                  k == 0, k == n - 1});
        }
        return pieces;
    }
    /// Near ones together.
    static std::vector<Piece> sorted(const std::vector<Piece>& pieces, const VesselNetwork& network, const Box& box,
                                     double reach) {
        const PointCells cells(box, middles_of(network, box, pieces), reach + 0.5 * k_piece);
        std::vector<Piece> out;
        out.reserve(pieces.size());
        for (const std::uint32_t k : cells.order()) out.push_back(pieces[k]);
        return out;
    }
    static std::vector<Vec3> middles_of(const VesselNetwork& network, const Box& box,
                                        const std::vector<Piece>& pieces) {
        std::vector<Vec3> middles;
        middles.reserve(pieces.size());
        for (const Piece& piece : pieces) middles.push_back(network.point_on(box, piece.edge, piece.along));
        return middles;
    }

    Box box_;
    std::vector<Piece> pieces_;
    std::vector<Vec3> middles_;
    PointCells cells_;
};

}  // namespace lobule
