// Checks manifests by the rules of the webhook, without a cluster.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/findings/report.hpp"
#include "cli/scan/files.hpp"
#include "core/base/time.hpp"
#include "rules/settings.hpp"

namespace errand::cli {

// The options of scan().
struct ScanOptions {
  std::string ns = "default";  // for objects that name no namespace
  Time now = {};               // decides which Exemptions of the inputs apply
  rules::RuleSettings rules = {};
  // Namespaces that can never be enrolled, because the webhook configuration leaves them out. Their objects
  // are not checked, but counted in Report::notEnrolled.
  std::vector<std::string> neverEnrolled = {"kube-system", "errand-system"};
  // If true, the objects of a namespace are checked only if the inputs show that it is enrolled.
  // Cluster-scoped objects are always checked.
  bool enrolledOnly = false;
  // Called before each file is read (`what` is "files"), and then before each object is checked ("objects").
  std::function<void(size_t done, size_t all, std::string_view what)> progress = [](size_t, size_t,
                                                                                    std::string_view) {};
};

// Checks the inputs as one installation: an identity, grant or exemption in any file applies to the workloads
// of all files. Never fails: see Report::broken.
Report scan(const std::vector<Input>& inputs, const ScanOptions& options);

}  // namespace errand::cli
