// The findings of a check of manifests or of a cluster: one report for `scan` and `report`.
#pragma once

#include <map>
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
  // The file and line, or in a cluster the object, fit for a terminal: a.yaml:12
  std::string place() const;
};

struct Broken {
  std::string what;  // a file, or a resource: agents/pods
  int line = 0;      // from 1; 0: the whole of it
  std::string message;

  std::string place() const;  // a.yaml:12, fit for a terminal
};

enum class Source { Files, Cluster };

struct Report {
  Source source = Source::Files;
  // Sorted in files by file, line and rule; in a cluster by namespace, kind, name and rule.
  std::vector<Located> findings = {};
  std::vector<Broken> broken = {};  // what could not be read; the rest was checked
  std::vector<Broken> passed =
      {};             // what was passed over, because it is no manifest or was not to be checked
  size_t places = 0;  // files or namespaces
  size_t objects = 0;
  size_t exempted = 0;     // findings that Exemptions took out
  size_t notEnrolled = 0;  // objects that were not checked, because no input shows their namespace enrolled
  std::map<std::string, size_t> unjudged = {};  // objects of kinds that no rule is about, by kind and group
  bool showUnjudged = false;                    // the text lists those kinds
  bool incomplete = false;  // a field of an object could not be read; a finding says which
};

// The exit code of `scan` and `report`: 0 nothing found, 1 findings of `level` or above, 2 something could
// not be read, even if there are findings.
int exitCode(const Report& report, rules::Severity level);

}  // namespace errand::cli
