// What the tests of pages ask of their text.
#pragma once

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

namespace lobule {

/// Empty when every tag is closed in its order and no character stands where XML forbids it; else what is wrong.
inline std::string ill_formed(std::string text) {
    text = std::regex_replace(text, std::regex("^<!DOCTYPE html>\n"), "");
    for (const char* raw : {"style", "script"}) {  // raw text in HTML
        const std::string open = std::string("<") + raw + ">", close = std::string("</") + raw + ">";
        for (auto at = text.find(open); at != std::string::npos; at = text.find(open, at + 1))
            text.erase(at + open.size(), text.find(close, at) - at - open.size());
    }
    static const std::regex k_tag(R"(^<(/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z][-a-zA-Z0-9]*="[^"<]*")*)\s*(/?)>)");
    static const std::regex k_entity("^&(amp|lt|gt|quot|#39);");
    std::vector<std::string> open;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::smatch match;
        const auto begin = text.cbegin() + static_cast<std::ptrdiff_t>(i);
        const auto line_end = text.cbegin() + static_cast<std::ptrdiff_t>(std::min(text.size(), text.find('>', i) + 1));
        if (text[i] == '&' && !std::regex_search(begin, std::min(begin + 8, text.cend()), match, k_entity))
            return "bare & at " + text.substr(i, 40);
        if (text[i] != '<') continue;
        if (!std::regex_search(begin, line_end, match, k_tag)) return "no tag: " + text.substr(i, 60);
        if (match[1].length() > 0) {
            if (open.empty() || open.back() != match[2]) return "closes " + match[2].str();
            open.pop_back();
        } else if (match[4].length() == 0) {
            open.push_back(match[2]);
        }
        i += static_cast<std::size_t>(match.length()) - 1;
    }
    return open.empty() ? "" : "never closed: " + open.back();
}

/// A link, an image or a style sheet from elsewhere. An image whose bytes are in the page asks for nothing.
inline bool asks_for_something(std::string html) {
    const std::string inside = "<img src=\"data:";
    for (auto at = html.find(inside); at != std::string::npos; at = html.find(inside, at))
        html.erase(at, html.find('"', at + inside.size()) - at);
    static const std::regex k_request(R"((https?:)?//[a-z]|url\(|@import|<link|<img|<iframe|\ssrc=)",
                                      std::regex::icase);
    return std::regex_search(html, k_request);
}

}  // namespace lobule
