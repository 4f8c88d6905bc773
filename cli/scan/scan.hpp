// Checks manifests by the rules of the webhook, offline.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/findings/report.hpp"
#include "cli/scan/files.hpp"
#include "core/base/time.hpp"
#include "rules/settings.hpp"

namespace errand::cli {

struct ScanOptions {
  std::string ns = "default";  // of objects that name none
  Time now = {};               // by which Exemptions among the inputs count
  rules::RuleSettings rules = {};
  // Check objects of a namespace only if the inputs show that it is enrolled, and objects of the cluster.
  bool enrolledOnly = false;
  // Called from time to time with the number of objects that were checked, and of all.
  std::function<void(size_t done, size_t all)> progress = [](size_t, size_t) {};
};

// All inputs count as one installation: identities, grants and exemptions among them
// decide about workloads, whatever file they stand in. Never fails: see Report::broken.
Report scan(const std::vector<Input>& inputs, const ScanOptions& options);

}  // namespace errand::cli
