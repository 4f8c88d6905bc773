// Checks manifests by the rules of the webhook, offline.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/findings/report.hpp"
#include "core/base/time.hpp"
#include "rules/views.hpp"

namespace errand::cli {

struct Input {
  std::string name;  // as it is shown
  std::string text;
};

struct ScanOptions {
  std::string ns = "default";  // of objects that name none
  Time now = {};               // by which Exemptions among the inputs count
  rules::RuleSettings rules = {};
};

// All inputs count as one installation: identities, grants and exemptions among them
// decide about workloads, whatever file they stand in. Never fails: see Report::broken.
Report scan(const std::vector<Input>& inputs, const ScanOptions& options);

}  // namespace errand::cli
