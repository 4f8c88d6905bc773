#include "cli/report/publisher.hpp"

#include <fmt/format.h>

#include <chrono>

namespace errand::cli {
namespace {

struct Noted {
  const Located* first = nullptr;
  std::set<std::string> texts;
};

// Returns the first finding in full, and the others by their ids, because the API cuts a note at 1024 bytes.
std::string noteOf(const Noted& noted) {
  std::string note = noted.first->finding.message();
  if (noted.texts.size() > 1)
    note += fmt::format(" And {} more; kubectl errand report shows them.", noted.texts.size() - 1);
  return note;
}

}  // namespace

void ReportPublisher::publish(const Report& report, Time now) {
  count(report);
  notify(report);
  metrics::gauge("errand_scan_objects", "Objects that the last scan checked.")
      .set(static_cast<double>(report.objects));
  metrics::gauge("errand_scan_unreadable", "Lists and objects that the last scan could not read.")
      .set(static_cast<double>(report.broken.size()));
  metrics::gauge("errand_scan_completed_timestamp_seconds", "When the last scan was completed, in Unix time.")
      .set(static_cast<double>(std::chrono::duration_cast<Seconds>(now.time_since_epoch()).count()));
}

void ReportPublisher::count(const Report& report) {
  std::map<Series, double> counts;
  for (const auto& [series, gauge] : gauges_) counts[series] = 0;
  for (const Located& found : report.findings)
    counts[{found.finding.rule, found.ns}] += static_cast<double>(1 + found.others);
  for (const auto& [series, n] : counts) {
    auto at = gauges_.find(series);
    if (at == gauges_.end()) {
      const auto& [rule, ns] = series;
      const auto severity = std::string(toString(rules::findRule(rule)->severity));
      at = gauges_
               .emplace(series, metrics::gauge(
                                    "errand_scan_findings",
                                    "Findings of the last scan on what exists in enrolled namespaces.",
                                    {{"rule", std::string(rule)}, {"severity", severity}, {"namespace", ns}}))
               .first;
    }
    at->second.set(n);
  }
}

void ReportPublisher::notify(const Report& report) {
  std::map<std::string, Noted> byObject;
  for (const Located& found : report.findings) {
    if (found.ns.empty() || found.uid.empty()) continue;
    Noted& noted = byObject[found.uid];
    if (noted.first == nullptr) noted.first = &found;
    noted.texts.insert(std::string(found.finding.rule) + found.finding.text);
  }
  std::map<std::string, std::set<std::string>> next;
  for (const auto& [uid, noted] : byObject) {
    const auto before = noted_.find(uid);
    if (before == noted_.end() || before->second != noted.texts) {
      const Located& first = *noted.first;
      events_.record({.regarding = {first.apiVersion, first.kind, first.ns, first.name, first.uid,
                                    first.resourceVersion},
                      .reason = "StandingCredential",
                      .action = "Scan",
                      .note = noteOf(noted),
                      .warning = true});
    }
    next[uid] = noted.texts;
  }
  noted_ = std::move(next);
}

}  // namespace errand::cli
