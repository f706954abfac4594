// The one file that knows libSBML. Its infix parser settles precedence and grammar; what it would get wrong for us is
// settled before it sees the text:
//   * it reads no dotted names, takes pi, time, avogadro, infinity, nan and its own functions in any case, reads `log`
//     as log10, and reads "2x" and "2 x" as 2 with the unit x;
//   * it reads (a < b) == c as a < b && b == c, parentheses or not;
//   * its tree has no places in the text.
// So the text is first cut into tokens, and each number, name and function goes to libSBML as a numbered name, q0, q1,
// ..., by which its place, spelling and exact value are found again. A parenthesis goes as a function of one argument.
#include <sbml/math/ASTNode.h>
#include <sbml/math/L3Parser.h>
#include <sbml/math/L3ParserSettings.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "base/text.hpp"
#include "law_tree.hpp"

namespace lobule {
namespace {

// Recursion over a tree is bounded by these. The longest law of the shipped biology has about 100 symbols.
constexpr std::size_t k_max_tokens = 5000;
constexpr std::size_t k_max_depth = 200;

struct Token {
    enum class Kind : std::uint8_t { number, name, call, group, sign };
    Kind kind;
    std::string_view text;
    std::size_t offset;
    double value = 0.0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Lexer {
public:
    explicit Lexer(const LawText& law) : law_(law), text_(law.text) {}

    std::vector<Token> tokens() {
        for (skip_space(); at_ < text_.size(); skip_space()) {
            if (tokens_.size() == k_max_tokens)
                fail(law_, at_,
                     "the law has more than " + std::to_string(k_max_tokens) + " symbols: split it with [define]");
            const char c = text_[at_];
            if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])))
                number();
            else if (is_letter(c))
                name();
            else
                sign();
        }
        if (tokens_.empty()) fail(law_, 0, "the law is empty");
        if (levels_.size() > 1) fail(law_, levels_.back().offset, "this '(' is never closed");
        return std::move(tokens_);
    }

private:
    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }

    void add(Token::Kind kind, std::size_t size, double value = 0.0) {
        tokens_.push_back({kind, text_.substr(at_, size), at_, value});
        at_ += size;
    }

    bool after_operand() const {
        if (tokens_.empty()) return false;
        const Token& last = tokens_.back();
        return last.kind == Token::Kind::number || last.kind == Token::Kind::name || last.text == ")";
    }

    // Two operands side by side mean a product or a unit elsewhere; here they are a mistake.
    void need_operator_before(std::string_view operand) const {
        if (!after_operand()) return;
        const Token& last = tokens_.back();
        if (last.kind == Token::Kind::number && is_letter(operand.front()))
            fail(law_, at_,
                 "a number in a law has no unit, and a product needs '*': write " + std::string(last.text) + " * " +
                     std::string(operand) + ", or make a parameter with a unit");
        fail(law_, at_, "an operator is missing between " + in_quotes(last.text) + " and " + in_quotes(operand));
    }

    void number() {
        double value = 0.0;
        const auto [after, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
        const auto size = static_cast<std::size_t>(after - (text_.data() + at_));
        need_operator_before(text_.substr(at_, size));
        if (error == std::errc::result_out_of_range) fail(law_, at_, "the number is too large or too small");
        if (at_ + size < text_.size() && text_[at_ + size] == '.')
            fail(law_, at_, in_quotes(text_.substr(at_, size + 1)) + " is not a number");
        add(Token::Kind::number, size, value);
    }

    void name() {
        std::size_t end = at_;
        for (;;) {
            while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
            if (end + 1 >= text_.size() || text_[end] != '.' || !is_letter(text_[end + 1])) break;
            ++end;
        }
        const std::string_view name = text_.substr(at_, end - at_);
        need_operator_before(name);
        std::size_t next = end;
        while (next < text_.size() && is_space(text_[next])) ++next;
        add(next < text_.size() && text_[next] == '(' ? Token::Kind::call : Token::Kind::name, name.size());
    }

    void sign() {
        for (const std::string_view two : {"<=", ">=", "==", "!=", "&&", "||"}) {
            if (text_.substr(at_, 2) != two) continue;
            if (two == "&&" || two == "||")
                levels_.back().compared = false;
            else
                compare();
            return add(Token::Kind::sign, 2);
        }
        const char c = text_[at_];
        switch (c) {
            case '+':
            case '-':
            case '*':
            case '/':
            case '^':
            case '!': break;
            case '<':
            case '>': compare(); break;
            case ',':
                if (!levels_.back().arguments) fail(law_, at_, "unexpected ','");
                levels_.back().compared = false;
                break;
            case '(': {
                need_operator_before("(");
                if (levels_.size() > k_max_depth)
                    fail(law_, at_, "more than " + std::to_string(k_max_depth) + " parentheses inside each other");
                const bool arguments = !tokens_.empty() && tokens_.back().kind == Token::Kind::call;
                levels_.push_back({at_, arguments});
                return add(arguments ? Token::Kind::sign : Token::Kind::group, 1);
            }
            case ')':
                if (levels_.size() == 1) fail(law_, at_, "this ')' was never opened");
                if (tokens_.back().kind == Token::Kind::group) fail(law_, at_, "unexpected ')'");
                levels_.pop_back();
                break;
            case '=': fail(law_, at_, "a comparison is written '=='");
            case '&': fail(law_, at_, "'and' is written '&&'");
            case '|': fail(law_, at_, "'or' is written '||'");
            default:
                // A byte of a longer UTF-8 character would not print.
                fail(law_, at_,
                     static_cast<unsigned char>(c) < 0x80 ? "unexpected character " + in_quotes(text_.substr(at_, 1))
                                                          : "unexpected non-ASCII character");
        }
        add(Token::Kind::sign, 1);
    }

    // a < b < c means different things to different readers.
    void compare() {
        if (std::exchange(levels_.back().compared, true))
            fail(law_, at_, "comparisons cannot be chained: write a < b && b < c");
    }

    // Inside one pair of parentheses.
    struct Level {
        std::size_t offset = 0;  // where it opened
        bool arguments = false;  // of a function
        bool compared = false;   // since the last && || or comma
    };

    const LawText& law_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
    std::vector<Level> levels_{Level{}};
};

class Parser {
public:
    explicit Parser(const LawText& law) : law_(law), tokens_(Lexer(law).tokens()) {}

    const std::vector<Token>& tokens() const { return tokens_; }

    LawNode parse() const {
        std::string infix;
        std::vector<std::size_t> starts;
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            starts.push_back(infix.size());
            infix += tokens_[i].kind == Token::Kind::sign ? std::string(tokens_[i].text) : 'q' + std::to_string(i);
            infix += tokens_[i].kind == Token::Kind::group ? "( " : " ";
        }
        const std::unique_ptr<ASTNode> root = parse_infix(infix, starts);
        return convert(*root);
    }

private:
    std::unique_ptr<ASTNode> parse_infix(const std::string& infix, const std::vector<std::size_t>& starts) const {
        // The parser keeps its state and its last error in globals.
        static std::mutex mutex;
        const std::lock_guard lock(mutex);
        static const L3ParserSettings settings = [] {
            L3ParserSettings s;
            s.setParseUnits(L3P_NO_UNITS);
            s.setParseCollapseMinus(L3P_EXPAND_UNARY_MINUS);
            s.setComparisonCaseSensitivity(L3P_COMPARE_BUILTINS_CASE_SENSITIVE);
            return s;
        }();
        std::unique_ptr<ASTNode> root(SBML_parseL3FormulaWithSettings(infix.c_str(), &settings));
        if (root) return root;
        const std::unique_ptr<char, decltype(&std::free)> message(SBML_getLastParseL3Error(), &std::free);
        fail_at_token(message ? message.get() : "", starts);
    }

    // "Error when parsing input 'q0 + * q3' at position 6:  syntax error, unexpected '*'": the position counts from 1
    // and is that of the last character read.
    [[noreturn]] void fail_at_token(std::string_view message, const std::vector<std::size_t>& starts) const {
        constexpr std::string_view mark = "at position ";
        std::size_t position = 0;
        if (const std::size_t found = message.rfind(mark); found != std::string_view::npos) {
            const char* const first = message.data() + found + mark.size();
            std::from_chars(first, message.data() + message.size(), position);
        }
        const bool at_end = message.find("end of string") != std::string_view::npos;
        if (at_end || position == 0) fail(law_, law_.text.size(), "the law ends too early");
        const auto next = std::upper_bound(starts.begin(), starts.end(), position - 1);
        const Token& token = tokens_[static_cast<std::size_t>(next - starts.begin()) - 1];
        fail(law_, token.offset, "unexpected " + in_quotes(token.text));
    }

    const Token& token_of(const ASTNode& node) const {
        std::size_t index = tokens_.size();
        if (const char* name = node.getName(); name != nullptr && name[0] == 'q')
            index = std::strtoul(name + 1, nullptr, 10);
        if (index >= tokens_.size()) throw Bug("law_parse: libSBML answered a name it was not given");
        return tokens_[index];
    }

    LawNode convert(const ASTNode& node) const {
        LawNode result;
        if (node.getType() == AST_NAME || node.getType() == AST_FUNCTION) {
            const Token& token = token_of(node);
            if (token.kind == Token::Kind::group) return convert(*node.getChild(0));
            result.offset = token.offset;
            result.name = token.text;
            result.value = token.value;
            switch (token.kind) {
                case Token::Kind::number: result.kind = LawNode::Kind::number; break;
                case Token::Kind::name: result.kind = LawNode::Kind::name; break;
                default: result.kind = LawNode::Kind::call; break;
            }
            for (unsigned int i = 0; i < node.getNumChildren(); ++i)
                result.operands.push_back(convert(*node.getChild(i)));
            return result;
        }
        result.kind = LawNode::Kind::operation;
        for (unsigned int i = 0; i < node.getNumChildren(); ++i) result.operands.push_back(convert(*node.getChild(i)));
        result.offset = result.operands.front().offset;
        bool turned = false;
        switch (node.getType()) {
            case AST_PLUS: result.op = Op::add; break;
            case AST_MINUS: result.op = result.operands.size() == 1 ? Op::neg : Op::sub; break;
            case AST_TIMES: result.op = Op::mul; break;
            case AST_DIVIDE: result.op = Op::div; break;
            case AST_POWER:
            case AST_FUNCTION_POWER: result.op = Op::pow; break;
            case AST_RELATIONAL_LT: result.op = Op::less; break;
            case AST_RELATIONAL_LEQ: result.op = Op::less_equal; break;
            case AST_RELATIONAL_GT: result.op = Op::less, turned = true; break;
            case AST_RELATIONAL_GEQ: result.op = Op::less_equal, turned = true; break;
            case AST_RELATIONAL_EQ: result.op = Op::equal; break;
            case AST_RELATIONAL_NEQ: result.op = Op::equal, result.negated = true; break;
            case AST_LOGICAL_AND: result.op = Op::logical_and; break;
            case AST_LOGICAL_OR: result.op = Op::logical_or; break;
            case AST_LOGICAL_NOT: result.op = Op::logical_not; break;
            default: throw Bug("law_parse: libSBML answered a node of an unexpected type");
        }
        if (turned) std::swap(result.operands[0], result.operands[1]);
        return result;
    }

    const LawText& law_;
    std::vector<Token> tokens_;
};

// In the order of the text, which is not that of the tree where > became <.
std::vector<std::string> names_of(const LawNode& root) {
    std::map<std::size_t, std::string_view> found;
    const auto visit = [&found](const auto& self, const LawNode& node) -> void {
        if (node.kind == LawNode::Kind::name && !is_law_constant(node.name)) found.emplace(node.offset, node.name);
        for (const LawNode& operand : node.operands) {
            self(self, operand);
            if (node.kind == LawNode::Kind::call && node.name == "chosen") break;  // then comes the name of a choice
        }
    };
    visit(visit, root);
    std::vector<std::string> names;
    for (const auto& [offset, name] : found)
        if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
    return names;
}

}  // namespace

Where place_in(const LawText& law, std::size_t offset) {
    Where where = law.where;
    if (law.text.find('\n') == std::string::npos) where.column += static_cast<int>(offset) + 1;
    return where;
}

void fail(const LawText& law, std::size_t offset, std::string what, std::string nearest) {
    throw SpecError(place_in(law, offset), std::move(what), std::move(nearest));
}

LawNode parse_law(const LawText& law) { return Parser(law).parse(); }

std::vector<std::string> law_names(const LawText& law) { return names_of(parse_law(law)); }

Function parse_function(const LawText& law) {
    const std::vector<Token> tokens = Lexer(law).tokens();
    constexpr const char* form = "a function is written lambda(x, y, law of x and y)";
    if (tokens.front().kind != Token::Kind::call || tokens.front().text != "lambda")
        fail(law, tokens.front().offset, form);
    Function function;
    std::size_t i = 2;
    for (; i + 1 < tokens.size() && tokens[i].kind == Token::Kind::name && tokens[i + 1].text == ","; i += 2) {
        const std::string argument(tokens[i].text);
        if (argument.find('.') != std::string::npos || is_law_constant(argument))
            fail(law, tokens[i].offset, in_quotes(argument) + " cannot be the name of an argument");
        if (std::find(function.arguments.begin(), function.arguments.end(), argument) != function.arguments.end())
            fail(law, tokens[i].offset, "the argument " + in_quotes(argument) + " is named twice");
        function.arguments.push_back(argument);
    }
    if (function.arguments.empty() || i + 1 >= tokens.size()) fail(law, tokens.front().offset, form);

    // The body goes to the ')' that closes lambda, which must be the last token.
    const std::size_t first = tokens[i].offset;
    int depth = 1;
    for (std::size_t j = i; j < tokens.size(); ++j) {
        if (tokens[j].text == "(") ++depth;
        if (tokens[j].text == ")") --depth;
        if ((depth == 1 && tokens[j].text == ",") || (depth == 0 && j + 1 < tokens.size()))
            fail(law, tokens[j].offset, form);
    }
    function.body.text = law.text.substr(first, tokens.back().offset - first);
    function.body.where = place_in(law, first);
    if (law.text.find('\n') == std::string::npos) --function.body.where.column;
    for (const std::string& name : law_names(function.body))
        if (std::find(function.arguments.begin(), function.arguments.end(), name) == function.arguments.end())
            fail(law, first, in_quotes(name) + " is not an argument of the function",
                 nearest_name(name, function.arguments));
    return function;
}

}  // namespace lobule
