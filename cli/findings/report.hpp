// The findings in manifests or in a cluster: `scan` and `report` share this type.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "rules/catalogue/rule.hpp"

namespace errand::cli {

// A finding, with its object and where the object was found.
struct Located {
  std::string file = {};  // empty in a cluster
  int line = 0;           // from 1; 0 in a cluster
  std::string ns = {}, apiVersion = {}, kind = {}, name = {};
  std::string uid = {}, resourceVersion = {};  // in a cluster
  std::string owner = {};                      // the controller of a pod in a cluster
  size_t others = 0;                           // further pods of the same controller with the same finding
  rules::Finding finding = {};

  // Returns the severity of the finding's rule, which must be in the catalogue.
  rules::Severity severity() const;
  // Returns a text such as: Pod agents/web-x1 (and 2 more of ReplicaSet web). It is safe for a terminal.
  std::string object() const;
  // Returns the file and line, such as a.yaml:12, or in a cluster the object. It is safe for a terminal.
  std::string place() const;
};

// An input that could not be read, or that was skipped.
struct Broken {
  std::string what;  // a file, or a resource such as agents/pods
  int line = 0;      // from 1; 0 means the whole input
  std::string message;

  std::string place() const;  // a.yaml:12, safe for a terminal
};

// The input of a report.
enum class Source { Files, Cluster };

// The result of `scan` or `report`.
struct Report {
  Source source = Source::Files;
  // Sorted by file, line, rule and text; in a cluster by namespace, kind, name and rule.
  std::vector<Located> findings = {};
  std::vector<Broken> broken = {};  // input that could not be read; the rest was checked
  // Skipped input: not a manifest, or excluded by the caller.
  std::vector<Broken> passed = {};
  size_t places = 0;  // files or namespaces
  size_t objects = 0;
  size_t exempted = 0;  // findings that Exemptions removed
  // Objects that were not checked, because their namespace can never be enrolled, or no input shows that it
  // is.
  size_t notEnrolled = 0;
  std::map<std::string, size_t> unjudged = {};  // number of objects of kinds without rules, by kind and group
  bool showUnjudged = false;                    // true if the text lists those kinds
  bool incomplete = false;                      // a field of an object could not be read; a finding names it
};

// Returns the exit code of `scan` and `report`: 2 if an input or a field could not be read, 1 if there are
// findings of `level` or above, 0 otherwise.
int exitCode(const Report& report, rules::Severity level);

}  // namespace errand::cli
