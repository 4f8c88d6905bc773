// Checks manifests by the rules of the webhook, offline.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "rules/catalogue/rule.hpp"

namespace errand::cli {

struct Input {
  std::string name;  // as it is shown
  std::string text;
};

struct Located {
  std::string file;
  int line = 0;
  std::string object;  // Pod default/web
  rules::Finding finding;
};

struct Broken {
  std::string file;
  int line = 0;
  std::string message;
};

struct Report {
  std::vector<Located> findings;  // by file, line and rule
  std::vector<Broken> broken;     // what could not be read; the rest was checked
  size_t files = 0, objects = 0;
  size_t exempted = 0;  // findings that Exemptions took out
};

struct ScanOptions {
  std::string ns = "default";  // of objects that name none
  Time now = {};               // by which Exemptions among the inputs count
  rules::RuleSettings rules = {};
};

// All inputs count as one installation: identities, grants and exemptions among them
// decide about workloads, whatever file they stand in. Never fails: see Report::broken.
Report scan(const std::vector<Input>& inputs, const ScanOptions& options);

// Exits of the program: 0 nothing found, 1 findings of `level` or above, 2 broken input.
int exitCode(const Report& report, rules::Severity level);

}  // namespace errand::cli
