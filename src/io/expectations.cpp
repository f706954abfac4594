#include "io/expectations.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"
#include "engine/tissue.hpp"
#include "io/band.hpp"
#include "table_reader.hpp"

namespace lobule::io {

namespace {

const std::vector<std::string> k_groups{"calibrate", "check", "prediction", "robustness"};
const std::vector<std::string> k_roles{"calibrate", "check", "prediction"};
const std::vector<std::string> k_signs{"less", "same", "more"};
const std::vector<std::string> k_sections{"course", "prediction", "robustness"};

class Reader : private TableReader {
public:
    Reader(const std::filesystem::path& folder, const Evidence& evidence, const Model& model, Expectations& out,
           std::vector<Problem>& problems)
        : TableReader(model, expectation_words(), problems), folder_(folder), evidence_(evidence), out_(out) {
        for (const char* column : {"study", "condition", "observable", "species", "source"})
            columns_.emplace_back(column);
    }

    void read(const Node& root) {
        check_top(root, "expectations");
        if (const Node* head = root.find("report"); head != nullptr && sound(*head, "report")) {
            out_.title = text(*head, "title");
            out_.summary = text(*head, "summary");
        }
        if (const Node* variants = root.find("variant")) read_variants(*variants);
        for_each(root, "series", [this](const Node& node) { read_series(node); });
        for_each(root, "feature", [this](const Node& node) { read_feature(node); });
        for_each(root, "figure", [this](const Node& node) { read_figure(node); });
        for_each(root, "check", [this](const Node& node) { read_check(node); });
        for_each(root, "section", [this](const Node& node) { read_section(node); });
        for_each(root, "structure", [this](const Node& node) { read_structure(node); });
        if (root.find("band") != nullptr)
            out_.band = io::read_band(root, model_, out_.variants, problems_);
        else
            for_each(root, "input", [this](const Node& node) { fault(node, "`[band]` draws it, which is not there"); });
    }

private:
    std::string variant(const Node& node) {
        const Node* found = node.find("variant");
        if (found == nullptr || !position(*found, variant_names(), "variant")) return {};
        return found->text;
    }
    std::vector<std::string> variant_names() const {
        std::vector<std::string> out;
        for (const VariantSpec& v : out_.variants) out.push_back(v.name);
        return out;
    }
    double time_factor(const Observation& row) const {
        try {
            return parse_unit(row.time_unit).factor;
        } catch (const UnitError& error) {
            throw SpecError(row.place, error.what(), error.nearest());
        }
    }

    // ---- rows ----
    std::vector<const Observation*> rows(const Node& node, const std::string& role) {
        std::vector<const Observation*> out;
        for (const Node* id : list(node, "rows")) {
            const Observation* row = evidence_.find(id->text);
            if (row == nullptr)
                fault(*id, "no row `" + id->text + "` in evidence", nearest_name(id->text, evidence_.ids()));
            else
                out.push_back(row);
        }
        if (const Node* match = node.find("match")) {
            const auto before = problems_.size();
            for (const auto& [column, wanted] : match->members)
                if (std::find(columns_.begin(), columns_.end(), column) == columns_.end())
                    fault(wanted, "rows cannot be chosen by `" + column + "`", nearest_name(column, columns_));
            for (const Observation& row : evidence_.rows)
                if (std::all_of(match->members.begin(), match->members.end(),
                                [&](const auto& m) { return row.field(m.first) == m.second.text; }))
                    out.push_back(&row);
            if (out.empty() && problems_.size() == before) fault(*match, "no row of evidence has this");
        }
        for (const Observation* row : out)
            if (row->role != role)
                fault(*node.find("role"), fmt::format("row {} is for `{}`, not `{}`", row->id, row->role, role));
        return out;
    }
    static std::vector<std::string> sources_of(const std::vector<const Observation*>& rows) {
        std::vector<std::string> out;
        for (const Observation* row : rows)
            if (std::find(out.begin(), out.end(), row->source) == out.end()) out.push_back(row->source);
        return out;
    }

    /// Which run a measure is set against, and what it should show.
    Contrast contrast(const Node& node, const std::string& own) {
        Contrast out;
        if (const Node* against = node.find("against")) {
            auto names = variant_names();
            names.emplace_back("case");
            if (position(*against, names, "variant")) out.against = against->text;
            if (out.against == (own.empty() ? "case" : own)) fault(*against, "a run against itself shows nothing");
        }
        const Node* sign = node.find("sign");
        if (sign != nullptr) {
            if (position(*sign, k_signs, "sign")) out.sign = study::sign(sign->text);
            if (node.find("against") == nullptr) fault(*sign, "a sign is that of a ratio: it needs `against`");
            for (const char* band : {"between", "expected", "tolerance"})
                if (const Node* given = node.find(band))
                    fault(*given, fmt::format("`{}` and `sign`: give one of them", band));
        }
        if (const Node* given = node.find("margin")) {
            if (sign == nullptr) fault(*given, "only a `sign` has a margin");
            if (const auto margin = value(*given, {}, 1.0)) {
                out.margin = *margin;
                if (!(*margin >= 0.0 && *margin < 1.0)) fault(*given, "a margin is at least 0 % and below 100 %");
            }
        }
        return out;
    }

    // ---- words ----
    void read_variants(const Node& table) {
        if (table.kind != Node::Kind::table) return fault(table, "write `[variant.NAME]`");
        for (const auto& [name, node] : table.members) {
            if (!is_snake_case(name) || name == "case")
                fault(node, "`" + name + "` is no name for a variant: lower_case, not `case`");
            if (!sound(node, "variant")) continue;
            VariantSpec v;
            v.name = name;
            v.about = text(node, "about");
            v.label = text(node, "label");
            if (v.label.empty()) {
                v.label = name;
                std::replace(v.label.begin(), v.label.end(), '_', ' ');
            }
            v.group = choice(node, "group", k_groups, "prediction");
            v.duration = time(node, "duration");
            if (const Node* set = node.find("set"))
                for (const auto& [parameter, given] : set->members) setting(parameter, given, v.settings, v.text);
            out_.variants.push_back(std::move(v));
        }
    }

    void read_series(const Node& node) {
        SeriesSpec s;
        s.name = text(node, "name");
        s.variant = variant(node);
        s.role = choice(node, "role", k_roles, "check");
        s.note = text(node, "note");
        const auto p = probe(node, "probe");
        const auto chosen = rows(node, s.role);
        if (const auto share = value(node, "default_error", {}, 1.0)) s.default_error = *share;
        if (const Node* effect = node.find("study_effect")) {
            s.study_effect = effect->boolean;
            if (s.study_effect && s.role != "calibrate")
                fault(*effect, "an effect may be estimated on `calibrate` rows only");
        }
        if (!p) return;
        s.probe = *p;
        s.sources = sources_of(chosen);
        const double after = time(node, "after").value_or(-std::numeric_limits<double>::infinity());
        for (const Observation* row : chosen) add_point(node, *row, after, s);
        if (s.points.empty() && !chosen.empty()) fault(node, "no row is left after `after`");
        if (chosen.empty() && node.find("match") == nullptr) fault(node, "a series needs `rows` or `match`");
        if (const Node* against = node.find("against")) read_against(*against, s);
        out_.series.push_back(std::move(s));
    }

    void add_point(const Node& node, const Observation& row, double after, SeriesSpec& s) {
        const ModelProbe& p = model_.run.probes[s.probe];
        const auto unit = observed_unit(node, row.unit);
        if (!unit) return;
        const Dimension wanted = parse_unit(p.unit).dimension;
        if (unit->dimension != wanted)
            return fault(node, fmt::format("row {} has the dimension {}, the probe {}", row.id,
                                           to_string(unit->dimension), to_string(wanted)));
        const double scale = value(node, "scale", {}, 1.0).value_or(1.0);
        const double offset = value(node, "offset", unit->dimension, unit->factor).value_or(0.0);
        const double to_probe = unit->factor / p.factor;
        const auto [t_low, t_high] = read_span(row.time_value, row.place);
        const auto [low, high] = read_span(row.value, row.place);
        study::Point point{0.5 * (t_low + t_high) * time_factor(row), (0.5 * (low + high) * scale + offset) * to_probe,
                           0.0, row.kind, row.n};
        if (point.time <= after) return;
        if (row.kind != study::SpreadKind::none) {
            const auto [a, b] = read_span(row.spread, row.place);
            point.spread = (a == b ? a : b - a) * scale * to_probe;
        } else if (high > low) {
            point.spread = (high - low) * scale * to_probe;
            point.kind = study::SpreadKind::range;
        }
        s.ids.push_back(row.id);
        s.points.push_back(point);
    }

    void read_against(const Node& node, SeriesSpec& s) {
        s.against = node.text;
        const auto file = folder_ / (node.text + ".csv");
        if (!std::filesystem::exists(file)) return fault(node, "there is no " + node.text + ".csv beside this file");
        const Table table = read_csv(file);
        const auto series = table.column("series"), when = table.column("time"), unit = table.column("unit"),
                   number = table.column("value");
        for (std::size_t i = 0; i < s.points.size(); ++i) {
            bool found = false;
            for (std::size_t r = 0; r < table.rows.size() && !found; ++r) {
                const auto& row = table.rows[r];
                const Where place{table.file, table.lines[r], 0, {}};
                if (row[series] != s.name) continue;
                const double t = read_span(row[when], place).first * parse_unit(row[unit]).factor;
                if (std::abs(t - s.points[i].time) > 1e-6) continue;
                s.against_values.push_back(read_span(row[number], place).first);
                found = true;
            }
            if (!found)
                return fault(node,
                             fmt::format("{}.csv has no value of `{}` at {} h", node.text, s.name, s.points[i].time));
        }
    }

    void read_feature(const Node& node) {
        FeatureSpec f;
        f.name = text(node, "name");
        f.variant = variant(node);
        f.role = choice(node, "role", k_roles, "check");
        f.note = text(node, "note");
        f.observed = text(node, "words");
        const auto chosen = rows(node, f.role);
        for (const Observation* row : chosen) f.ids.push_back(row->id);
        f.sources = sources_of(chosen);
        if (f.role != "prediction" && chosen.empty() && node.find("rows") == nullptr)
            fault(node, "a feature cites `rows`; without any its role is `prediction`");
        auto measure = read_measure_keys(node);
        if (!measure) return;
        f.measure = *measure;
        f.contrast = contrast(node, f.variant);
        if (f.contrast.sign)
            read_sign(node, chosen, f);
        else
            read_band(node, chosen, f);
        out_.features.push_back(std::move(f));
    }

    /// What was seen, in words: those given, those of a row, or the sign itself.
    static void read_sign(const Node& node, const std::vector<const Observation*>& chosen, FeatureSpec& f) {
        f.basis = contrast_text(f.contrast);
        if (f.observed.empty() && chosen.size() == 1 && chosen.front()->unit == "qualitative")
            f.observed = chosen.front()->value;
        if (f.observed.empty()) f.observed = node.find("sign")->text;
    }

    /// Where the band of a feature comes from, in this order: `between`, `expected` with `tolerance`, the one row it cites.
    void read_band(const Node& node, const std::vector<const Observation*>& chosen, FeatureSpec& f) {
        const auto in_result = [&](const Node& n) { return value(n, result_dimension_, result_factor_); };
        const auto around = [&](double centre, double half) {
            f.low = centre - half;
            f.high = centre + half;
        };
        const std::string unit = f.measure.unit == "1" ? "" : " " + f.measure.unit;
        if (const Node* between = node.find("between")) {
            f.low = in_result(between->items[0]);
            f.high = in_result(between->items[1]);
            f.basis = "declared band";
            f.hard_band = true;
            if (f.observed.empty()) f.observed = between->items[0].text + " to " + between->items[1].text;
            return;
        }
        if (const Node* expected = node.find("expected")) {
            const auto centre = in_result(*expected);
            const Node* tolerance = node.find("tolerance");
            const auto half = tolerance != nullptr ? in_result(*tolerance) : std::nullopt;
            if (!centre) return;
            around(*centre, half.value_or(study::k_default_error * std::abs(*centre)));
            f.basis = half ? "declared tolerance" : default_basis();
            f.hard_band = half.has_value();
            if (f.observed.empty()) f.observed = half ? expected->text + " ± " + tolerance->text : expected->text;
            return;
        }
        if (!f.observed.empty() || chosen.empty()) return;
        if (chosen.size() > 1) return fault(node, "cites several rows: give `expected`, `between` or `words`");
        read_row_band(node, *chosen.front(), f, unit);
    }

    void read_row_band(const Node& node, const Observation& row, FeatureSpec& f, const std::string& unit) {
        if (row.unit == "qualitative") {
            f.observed = row.value;
            return;
        }
        const bool timing = row.unit.find("=yes") != std::string::npos;  // the information is in the time
        double to_result = 0.0;
        if (timing) {
            if (result_dimension_ != Dimension::of(Dimension::time))
                return fault(node, "row " + row.id + " marks a time, the kind is no time");
            to_result = time_factor(row) / result_factor_;
        } else {
            const auto printed = observed_unit(node, row.unit);
            if (!printed) return;
            if (printed->dimension != result_dimension_)
                return fault(node, fmt::format("row {} has the dimension {}, the result {}", row.id,
                                               to_string(printed->dimension), to_string(result_dimension_)));
            to_result = printed->factor / result_factor_;
        }
        const auto [low, high] = read_span(timing ? row.time_value : row.value, row.place);
        if (high > low) {
            f.low = low * to_result;
            f.high = high * to_result;
            f.basis = "printed span";
            f.hard_band = true;
            f.observed = fmt::format("{:.4g} to {:.4g}{}", *f.low, *f.high, unit);
            return;
        }
        study::Point point{0.0, low * to_result, 0.0, timing ? study::SpreadKind::none : row.kind, row.n};
        if (point.kind != study::SpreadKind::none) {
            const auto [a, b] = read_span(row.spread, row.place);
            point.spread = (a == b ? a : b - a) * to_result;
        }
        const double deviation = study::standard_deviation(point);
        f.low = point.value - deviation;
        f.high = point.value + deviation;
        const bool stated = point.kind != study::SpreadKind::none;
        f.basis = stated ? std::string(study::to_string(point.kind)) +
                               (point.kind == study::SpreadKind::unstated ? " spread, read as sd" : "")
                         : default_basis();
        f.observed = stated ? fmt::format("{:.4g} ± {:.3g}{}", point.value, deviation, unit)
                            : fmt::format("{:.4g}{}", point.value, unit);
    }

    static std::string default_basis() {
        return fmt::format("no spread stated: {:g} % taken", 100.0 * study::k_default_error);
    }

    void read_figure(const Node& node) {
        FigureSpec f;
        f.name = text(node, "name");
        f.note = text(node, "note");
        f.section = choice(node, "section", k_sections, "course");
        f.from = time(node, "from").value_or(0.0);
        f.until = time(node, "until").value_or(0.0);
        if (f.until > 0.0 && !(f.from < f.until)) fault(*node.find("until"), "the figure ends before it begins");
        for (const Node* name : list(node, "probes"))
            if (!is_absent_probe(*name) && position(*name, probe_names_, "probe")) f.probes.push_back(name->text);
        auto names = variant_names();
        names.emplace_back("case");
        for (const Node* name : list(node, "variants"))
            if (position(*name, names, "variant"))
                f.variants.push_back(name->text == "case" ? std::string() : name->text);
        if (f.variants.empty()) f.variants.emplace_back();
        if (f.probes.empty() && !list(node, "probes").empty()) return;
        out_.figures.push_back(std::move(f));
    }

    void read_check(const Node& node) {
        CheckSpec c;
        c.name = text(node, "name");
        c.variant = variant(node);
        c.reason = text(node, "reason");
        const auto measure = read_measure_keys(node);
        if (!measure) return;
        c.measure = *measure;
        c.contrast = contrast(node, c.variant);
        const Node* found = node.find("between");
        if (node.find("sign") != nullptr || found == nullptr) {
            if (node.find("sign") == nullptr) fault(node, "a check needs `between` or `sign`");
            out_.checks.push_back(std::move(c));
            return;
        }
        const Node& between = *found;
        const auto low = value(between.items[0], result_dimension_, result_factor_);
        const auto high = value(between.items[1], result_dimension_, result_factor_);
        if (!low || !high) return;
        if (*low > *high) fault(between, "the lower bound is above the upper");
        c.low = *low;
        c.high = *high;
        out_.checks.push_back(std::move(c));
    }

    /// Whether the unit of a scale fits what is drawn; the fault is noted.
    bool check_section_unit(const Node& node, const SectionSpec& s) {
        const std::string& name = s.signal.empty() ? s.value : s.signal;
        const auto drawn = std::find_if(model_.run.zone_values.begin(), model_.run.zone_values.end(),
                                        [&](const ZoneValue& value) { return value.name == name; });
        if (drawn == model_.run.zone_values.end()) {
            fault(node, "`unit` is that of a `signal` or `value`, which this section does not have");
            return false;
        }
        try {
            if (parse_unit(s.unit).dimension == drawn->dimension) return true;
            fault(node, "`" + s.unit + "` does not fit `" + name + "`, which is in " + to_string(drawn->dimension));
        } catch (const UnitError& error) {
            fault(node, error.what(), error.nearest());
        }
        return false;
    }

    void read_section(const Node& node) {
        SectionSpec s{time(node, "at").value_or(0.0), text(node, "signal"), text(node, "value"), text(node, "unit"),
                      text(node, "matrix"),           text(node, "note")};
        if (!s.signal.empty() && !s.value.empty())
            return fault(*node.find("value"), "a section is coloured by a `signal` or a `value`, not by both");
        std::vector<std::string> signals, values;
        for (const ZoneValue& value : model_.run.zone_values)
            (value.name.find('.') == std::string::npos ? signals : values).push_back(value.name);
        if (!s.signal.empty() && std::find(signals.begin(), signals.end(), s.signal) == signals.end())
            return fault(*node.find("signal"), "no signal of this model is called `" + s.signal + "`",
                         nearest_name(s.signal, signals));
        if (!model_.why_absent(s.value).empty() && left_out_by_settings()) return;
        if (!s.value.empty() && std::find(values.begin(), values.end(), s.value) == values.end())
            return fault(*node.find("value"), "no part of this model has the define by zone `" + s.value + "`",
                         nearest_name(s.value, values));
        if (const Node* unit = node.find("unit"); unit != nullptr && !check_section_unit(*unit, s)) return;
        const bool known = std::any_of(model_.zone_states.begin(), model_.zone_states.end(), [&](const StateInfo& e) {
            return e.kind == StateInfo::Kind::matrix && e.name.starts_with(s.matrix + ".");
        });
        if (!s.matrix.empty() && !known)
            return fault(*node.find("matrix"), "no matrix of this model is called `" + s.matrix + "`");
        out_.sections.push_back(std::move(s));
    }

    /// The band holds what any of the rows says, with its spread or the default error.
    void read_structure(const Node& node) {
        StructureSpec s;
        s.name = text(node, "name");
        s.measure = text(node, "measure");
        s.note = text(node, "note");
        auto names = structure_names(model_);
        const bool of_tissue = std::find(names.begin(), names.end(), s.measure) != names.end();
        if (of_tissue) s.unit = structure_unit(s.measure);
        for (const ModelProbe& p : model_.run.probes) {
            names.push_back(p.name);
            if (of_tissue || p.name != s.measure) continue;
            s.unit = p.unit;
            s.is_probe = true;
        }
        if (!of_tissue && !s.is_probe && is_absent_probe(*node.find("measure"))) return;
        if (!of_tissue && !s.is_probe)
            return fault(*node.find("measure"), "no number of the tissue, and no probe, is called `" + s.measure + "`",
                         nearest_name(s.measure, names));
        const double scale = value(node, "scale", {}, 1.0).value_or(1.0);
        for (const Node* id : list(node, "rows")) {
            const Observation* row = evidence_.find(id->text);
            if (row == nullptr) {
                fault(*id, "no row `" + id->text + "` in evidence", nearest_name(id->text, evidence_.ids()));
                continue;
            }
            const auto printed = observed_unit(node, row->unit);
            if (!printed) continue;
            const Unit own = parse_unit(s.unit);
            if (printed->dimension != own.dimension) {
                fault(node, fmt::format("row {} has the dimension {}, the measure {}", row->id,
                                        to_string(printed->dimension), to_string(own.dimension)));
                continue;
            }
            const double factor = scale * printed->factor / own.factor;
            const auto [low, high] = read_span(row->value, row->place);
            double half = 0.0;
            if (row->kind != study::SpreadKind::none) {
                study::Point point{0.0, low * factor, 0.0, row->kind, row->n};
                const auto [a, b] = read_span(row->spread, row->place);
                point.spread = (a == b ? a : b - a) * factor;
                half = study::standard_deviation(point);
            } else if (low == high) {
                half = study::k_default_error * std::abs(low * factor);
            }
            s.low = std::min(s.low.value_or(HUGE_VAL), low * factor - half);
            s.high = std::max(s.high.value_or(-HUGE_VAL), high * factor + half);
            s.observed += fmt::format("{}{:.4g}{}", s.observed.empty() ? "" : "; ", low * factor,
                                      high > low   ? fmt::format(" to {:.4g}", high * factor)
                                      : half > 0.0 ? fmt::format(" ± {:.2g}", half)
                                                   : "");
            s.ids.push_back(row->id);
            s.sources.push_back(row->source);
        }
        out_.structure.push_back(std::move(s));
    }

    const std::filesystem::path& folder_;
    const Evidence& evidence_;
    Expectations& out_;
    std::vector<std::string> columns_;
};

}  // namespace

Expectations read_expectations(const Node& root, const std::filesystem::path& folder, const Evidence& evidence,
                               const Model& model, std::vector<Problem>& problems) {
    Expectations out;
    try {
        Reader(folder, evidence, model, out, problems).read(root);
    } catch (const SpecError& error) {  // a fault in a row of evidence or in a published model's file
        problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
    return out;
}

}  // namespace lobule::io
