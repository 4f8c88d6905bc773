// The results of `explain` and `doctor`: one line for each thing that was checked, with what is wrong and the
// command that mends it. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace errand::cli {

enum class Verdict {
  Ok,
  Note,   // worth knowing; nothing to mend
  Waits,  // goes on without help
  Wrong,
  Unknown,  // the user may not read it, or it could not be read
};

// Something that is wrong.
struct Trouble {
  std::string field;                       // the field to change, such as spec.workload.name; may be empty
  std::string reason;                      // as a status shows it, such as MayNotBind; may be empty
  std::string message;                     // what is wrong and what to do, in words
  std::vector<std::string> commands = {};  // for a shell; the first one is the usual way
};

// The result of one check.
struct CheckLine {
  std::string check;   // what was checked: "workload", "lease"
  std::string object;  // the object: Job/fix; may be empty
  Verdict verdict = Verdict::Ok;
  std::string text;  // the state in words
  std::vector<Trouble> troubles = {};
};

// Something that was read: a value, nothing (it does not exist), or not known.
template <class T>
struct Read {
  std::optional<T> value = std::nullopt;
  std::string unread = {};  // why it is not known

  bool isAbsent() const { return !value && unread.empty(); }
  bool isUnknown() const { return !value && !unread.empty(); }
};

// A missing object is absent; any other failure makes it unknown.
template <class T>
Read<T> readOf(Result<T> result) {
  if (result) return {.value = std::move(*result)};
  if (result.error().kind == ErrorKind::NotFound) return {};
  return {.unread = result.error().message};
}

std::string_view toString(Verdict verdict);

// Returns a line with this trouble.
CheckLine wrong(std::string check, std::string object, std::vector<Trouble> troubles);

// Returns 2 if something is not known, or else 1 if something is wrong, or else 0.
int exitOf(std::span<const CheckLine> lines);

// Print the lines. Texts of objects are escaped (findings/escape.hpp).
std::string asText(std::span<const CheckLine> lines);
std::string asJson(std::span<const CheckLine> lines);

}  // namespace errand::cli
