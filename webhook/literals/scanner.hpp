// Finds credentials in text: a filter that passes nearly all of it by, then one pass of all formats
// together, then the single pattern of those that occur. Time is linear in the text (RE2).
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "webhook/literals/format.hpp"

namespace errand::webhook {

// Never holds what was found.
struct Hit {
  const Format* format;
  size_t length;  // of the credential, in characters of ASCII
};

class Scanner {
 public:
  // With all formats, safe to use from several threads. The first call compiles
  // their set, some tens of milliseconds; a format's own pattern is compiled when it first occurs.
  static const Scanner& instance();

  Scanner();
  ~Scanner();

  // At most one hit a format: the first that is no placeholder.
  std::vector<Hit> scan(std::string_view text) const;

  // False where the text has no hit: what costs least to ask (prefilter.hpp).
  bool suspects(std::string_view text) const;

  // False where no line of the text, nor the whole of it, has a hit: cheaper than scan().
  bool mayHold(std::string_view text) const;

  std::span<const Format* const> formats() const { return formats_; }

 private:
  struct Patterns;
  std::vector<const Format*> formats_;
  std::unique_ptr<Patterns> patterns_;
};

}  // namespace errand::webhook
