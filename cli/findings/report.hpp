// The findings of a check of manifests or of a cluster: one report for `scan` and `report`.
#pragma once

#include <string>
#include <vector>

#include "rules/catalogue/rule.hpp"

namespace errand::cli {

// A finding, the object that it is about, and where that object is.
struct Located {
  std::string file = {};  // empty in a cluster
  int line = 0;           // from 1; 0 in a cluster
  std::string ns = {}, apiVersion = {}, kind = {}, name = {};
  std::string uid = {}, resourceVersion = {};  // in a cluster
  std::string owner = {};                      // the controller of a pod in a cluster
  size_t others = 0;                           // further pods of the same controller with the same finding
  rules::Finding finding = {};

  rules::Severity severity() const;
  // Pod agents/web-x1 (and 2 more of ReplicaSet web), fit for a terminal
  std::string object() const;
  // The file and line, or in a cluster the object: a.yaml:12
  std::string place() const;
};

struct Broken {
  std::string what;  // a file, or a resource: agents/pods
  int line = 0;      // from 1; 0: the whole of it
  std::string message;

  std::string place() const;  // a.yaml:12
};

enum class Source { Files, Cluster };

struct Report {
  Source source = Source::Files;
  // Sorted in files by file, line and rule; in a cluster by namespace, kind, name and rule.
  std::vector<Located> findings = {};
  std::vector<Broken> broken = {};  // what could not be read; the rest was checked
  size_t places = 0;                // files or namespaces
  size_t objects = 0;
  size_t exempted = 0;  // findings that Exemptions took out
};

// The exit code of `scan` and `report`: 0 nothing found, 1 findings of `level` or above, 2 something could
// not be read.
int exitCode(const Report& report, rules::Severity level);

}  // namespace errand::cli
