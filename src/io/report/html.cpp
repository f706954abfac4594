#include "html.hpp"

#include <fmt/format.h>

#include "text.hpp"

namespace lobule::io::report {

void Page::section(std::string_view id, std::string_view title, std::string_view lead, const std::string& body) {
    if (body.empty()) return;
    menu_ += fmt::format("<a href=\"#{}\">{}</a>", id, escape(title));
    body_ += fmt::format("<section id=\"{}\"><h2>{}</h2>{}{}</section>", id, escape(title),
                         lead.empty() ? "" : fmt::format("<p>{}</p>", escape(lead)), body);
}

std::string Page::html(std::string_view title, const std::string& top, std::string_view style) const {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\"/><meta name=\"color-scheme\" content=\"light dark\"/>"
        "<title>{}</title><style>{}{}</style></head>\n<body><main>{}<nav>{}</nav>\n{}</main>\n<script>{}</script></"
        "body></html>\n",
        escape(title), k_style, style, top, menu_, body_, k_script);
}

std::string part(std::string_view title, std::string_view lead, const std::string& body) {
    if (body.empty()) return {};
    return fmt::format("<div class=\"group\"><h3>{}</h3>{}{}</div>", escape(title),
                       lead.empty() ? "" : fmt::format("<p class=\"note\">{}</p>", escape(lead)), body);
}

std::string table(const std::vector<std::string_view>& head, const std::string& rows, std::string_view css) {
    std::string out = fmt::format("<div class=\"scroll\"><table class=\"{}\"><thead><tr>", css);
    for (const std::string_view name : head)
        out += name.starts_with('#') ? fmt::format("<th class=\"n\" scope=\"col\">{}</th>", escape(name.substr(1)))
                                     : fmt::format("<th scope=\"col\">{}</th>", escape(name));
    return out + "</tr></thead><tbody>" + rows + "</tbody></table></div>";
}

std::string cell(const std::string& html) { return "<td>" + html + "</td>"; }
std::string numeric(const std::string& html) { return "<td class=\"n\">" + html + "</td>"; }

std::string named(const std::string& name, const std::string& below) {
    return below.empty() ? escape(name) : fmt::format("{}<span class=\"sub\">{}</span>", escape(name), escape(below));
}

std::string stat(const std::string& value, const std::string& label) {
    return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escape(label), value);
}

}  // namespace lobule::io::report
