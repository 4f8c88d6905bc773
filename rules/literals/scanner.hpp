// Finds credentials in text. A filter skips nearly all text, and returns the parts of the rest in which a
// format may occur. The scanner searches the pattern of each of these formats there. The time is linear in
// the text (RE2).
//
// After the filter, one automaton of all formats would not be faster. It would have so many states that a
// hostile text takes seconds.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "rules/literals/format.hpp"

namespace errand::rules {

// A credential that was found, without its value.
struct Hit {
  const Format* format;
  size_t length;  // of the credential, in bytes
};

// Searches text for credentials of all formats.
class Scanner {
 public:
  // The scanner that all rules share. All functions are safe to call from several threads. The pattern of a
  // format is compiled when the format may first occur.
  static const Scanner& instance();

  Scanner();
  ~Scanner();

  // Returns at most one hit for each format, in the order of formats(): its first match that is no
  // placeholder and that Format::accept does not reject.
  std::vector<Hit> scan(std::string_view text) const;

  // Returns false only if the text has no hit. This is the cheapest test (prefilter.hpp).
  bool suspects(std::string_view text) const;

  // Returns false only if neither the text nor any of its lines has a hit. Cheaper than scan().
  bool mayHold(std::string_view text) const;

  // Frees the compiled patterns, whose automata grow with the texts that they read. A search that is under
  // way keeps its own. The next search compiles them again.
  void forget() const;

  std::span<const Format* const> formats() const { return formats_; }

 private:
  struct Patterns;
  std::vector<const Format*> formats_;
  std::unique_ptr<Patterns> patterns_;
};

}  // namespace errand::rules
