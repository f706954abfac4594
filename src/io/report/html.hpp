// What every page is made of: sections with a menu, tables, small texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lobule::io::report {

extern const std::string_view k_style;   // style sheet
extern const std::string_view k_script;  // values under the pointer

class Page {
public:
    /// A section, when it has a body; `lead` stands before it.
    void section(std::string_view id, std::string_view title, std::string_view lead, const std::string& body);
    /// The whole document; `top` stands before the menu, `style` is added to that of all pages.
    std::string html(std::string_view title, const std::string& top, std::string_view style = {}) const;

private:
    std::string menu_, body_;
};

/// A part of a section, when it has a body.
std::string part(std::string_view title, std::string_view lead, const std::string& body);

/// A table that scrolls sideways on a narrow screen. Columns that begin with '#' hold numbers. Heads are text.
std::string table(const std::vector<std::string_view>& head, const std::string& rows, std::string_view css = "");
/// A cell of such a table; its text is HTML.
std::string cell(const std::string& html);
std::string numeric(const std::string& html);

/// A name with its caveat below in small type.
std::string named(const std::string& name, const std::string& below);
/// A large number with what it is.
std::string stat(const std::string& value, const std::string& label);

}  // namespace lobule::io::report
