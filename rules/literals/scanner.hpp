// Finds credentials in text: a filter that passes nearly all of it by and names the formats that may occur in
// the rest, then the pattern of each of these. Time is linear in the text (RE2). One automaton of all formats
// together is none the quicker on what passes the filter, and has so many states that a text made for it
// takes seconds.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "rules/literals/format.hpp"

namespace errand::rules {

// Never holds what was found.
struct Hit {
  const Format* format;
  size_t length;  // of the credential, in characters of ASCII
};

class Scanner {
 public:
  // With all formats, safe to use from several threads. A format's pattern is compiled when it may first
  // occur.
  static const Scanner& instance();

  Scanner();
  ~Scanner();

  // At most one hit a format: the first that is no placeholder.
  std::vector<Hit> scan(std::string_view text) const;

  // False where the text has no hit: what costs least to ask (prefilter.hpp).
  bool suspects(std::string_view text) const;

  // False where no line of the text, nor the whole of it, has a hit: cheaper than scan().
  bool mayHold(std::string_view text) const;

  // Drops the automata of the patterns, which grow by what they are shown.
  void forget() const;

  std::span<const Format* const> formats() const { return formats_; }

 private:
  struct Patterns;
  std::vector<const Format*> formats_;
  std::unique_ptr<Patterns> patterns_;
};

}  // namespace errand::rules
