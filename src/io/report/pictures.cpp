// Pictures of the tissue on the page.
#include <fmt/format.h>

#include "page.hpp"
#include "text.hpp"

namespace lobule::io::report {

namespace {

std::string base64(std::string_view bytes) {
    static constexpr std::string_view k_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    const auto byte = [&](std::size_t i) {
        return i < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) : 0U;
    };
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::uint32_t three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        for (std::size_t k = 0; k < 4; ++k)
            out += i + k > bytes.size() ? '=' : k_letters[(three >> (18 - 6 * k)) & 63U];
    }
    return out;
}

}  // namespace

std::string tissue_pictures(const ReportData& report) {
    std::string out;
    for (std::size_t k = 0; k < report.pictures.size(); ++k) {
        const TissuePicture& picture = report.pictures[k];
        out += fmt::format(
            "<figure><input type=\"checkbox\" id=\"section-{}\"/><label for=\"section-{}\" "
            "title=\"Enlarge\"><img "
            "src=\"data:image/png;base64,{}\" alt=\"{}\"/></label>{}</figure>",
            k, k, base64(picture.png), escape(picture.alt),
            "<figcaption><b>" + escape(duration(picture.time)) + "</b> " + escape(picture.caption) + "</figcaption>");
    }
    return out.empty() ? out : "<div class=\"sections\">" + out + "</div>";
}

}  // namespace lobule::io::report
