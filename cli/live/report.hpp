// The verdict of the rules on what exists.
#pragma once

#include "cli/live/livecluster.hpp"

namespace errand::cli {

struct LiveFinding {
  std::string ns, apiVersion, kind, name, uid, resourceVersion;
  std::string owner;  // of a pod that a controller has made
  size_t others = 0;  // further pods of the same controller with the same finding
  rules::Finding finding;

  std::string object() const;  // Pod agents/web-x1 (and 2 more of ReplicaSet web)
};

struct LiveReport {
  std::vector<LiveFinding> findings;  // by namespace, kind, name and rule
  std::vector<Broken> broken;
  size_t namespaces = 0, objects = 0, exempted = 0;
};

// `now` decides which Exemptions are in force.
LiveReport report(const LiveCluster& world, Time now, const rules::RuleSettings& rules = {});

// As of scan: 0 nothing of `level` or above, 1 findings, 2 where something could not be read.
int exitCode(const LiveReport& report, rules::Severity level);

std::string asText(const LiveReport& report);
// {"findings": […], "broken": […], "namespaces": n, "objects": n, "exempted": n}
std::string asJson(const LiveReport& report);

}  // namespace errand::cli
