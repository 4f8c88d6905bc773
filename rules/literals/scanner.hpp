// Finds credentials in text. A filter skips nearly all text, and returns the parts of the rest in which a
// format may occur. Then the pattern of each of these formats is searched there. The time is linear in the
// text (RE2).
//
// One automaton of all formats is not faster after the filter. It has so many states that a hostile text
// takes seconds.
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
  size_t length;  // of the credential, in ASCII characters
};

// Searches text for credentials of all formats.
class Scanner {
 public:
  // The scanner with all formats, safe to use from several threads. It compiles the pattern of a format when
  // the format may first occur.
  static const Scanner& instance();

  Scanner();
  ~Scanner();

  // Returns at most one hit for each format: the first that is no placeholder.
  std::vector<Hit> scan(std::string_view text) const;

  // Returns false if the text has no hit: the cheapest test (prefilter.hpp).
  bool suspects(std::string_view text) const;

  // Returns false if neither a line of the text nor the whole text has a hit. Cheaper than scan().
  bool mayHold(std::string_view text) const;

  // Frees the automata of the patterns, which grow with the texts that they read.
  void forget() const;

  std::span<const Format* const> formats() const { return formats_; }

 private:
  struct Patterns;
  std::vector<const Format*> formats_;
  std::unique_ptr<Patterns> patterns_;
};

}  // namespace errand::rules
