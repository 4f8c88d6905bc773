#include "core/kube/events/series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/json/value.hpp"

namespace errand::kube {
namespace {

using nlohmann::json;

// The first two are limits of the API, in bytes. kNamePart leaves room for the random part of a name.
constexpr size_t kNoteLimit = 1024, kReasonLimit = 128, kNamePart = 200, kMostSeries = 4096;
constexpr Seconds kSeriesEnds{360}, kReportEvery{60};

// Returns at most `limit` bytes, and does not end inside a UTF-8 sequence.
std::string cut(const std::string& text, size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
  return text.substr(0, limit);
}

json encode(const ObjectReference& ref) {
  json out = {{"apiVersion", ref.apiVersion}, {"kind", ref.kind}, {"name", ref.name}};
  if (!ref.ns.empty()) out["namespace"] = ref.ns;
  if (!ref.uid.empty()) out["uid"] = ref.uid;
  if (!ref.resourceVersion.empty()) out["resourceVersion"] = ref.resourceVersion;
  return out;
}

}  // namespace

EventSeries::Write EventSeries::report(Entry& entry, Time now) const {
  entry.reported = entry.count;
  entry.reportedAt = now;
  const json series = {{"count", entry.count}, {"lastObservedTime", formatMicroTime(entry.last)}};
  return {false, entry.ns, entry.name, printJson({{"series", series}})};
}

void EventSeries::makeRoom(Time now) {
  std::erase_if(series_, [&](const auto& e) {
    return now - e.second.last >= kSeriesEnds && e.second.reported == e.second.count;
  });
  while (series_.size() >= kMostSeries)
    series_.erase(std::ranges::min_element(series_, {}, [](const auto& e) { return e.second.last; }));
}

std::optional<EventSeries::Write> EventSeries::add(const Event& event, Time now) {
  const ObjectReference& about = event.regarding;
  const std::string ns = about.ns.empty() ? "default" : about.ns;
  const Key key{ns + "/" + about.kind + "/" + about.name + "/" + about.uid, event.reason, event.action,
                event.note, event.warning};
  if (const auto it = series_.find(key); it != series_.end() && now - it->second.last < kSeriesEnds) {
    Entry& entry = it->second;
    ++entry.count;
    entry.last = now;
    if (entry.reported > 1 && now - entry.reportedAt < kReportEvery) return std::nullopt;
    return report(entry, now);
  }
  series_.erase(key);
  if (series_.size() >= kMostSeries) makeRoom(now);
  const std::string name = fmt::format("{}.{:016x}", about.name.substr(0, kNamePart), random_.next());
  series_.emplace(key, Entry{ns, name, 1, 1, now, now});
  const json body = {
      {"apiVersion", "events.k8s.io/v1"},
      {"kind", "Event"},
      {"metadata", {{"namespace", ns}, {"name", name}}},
      {"eventTime", formatMicroTime(now)},
      {"reportingController", reporter_.controller},
      {"reportingInstance", reporter_.instance.empty() ? reporter_.controller : reporter_.instance},
      {"type", event.warning ? "Warning" : "Normal"},
      {"reason", cut(event.reason, kReasonLimit)},
      {"action", cut(event.action, kReasonLimit)},
      {"note", cut(event.note, kNoteLimit)},
      {"regarding", encode(about)}};
  return Write{true, ns, name, printJson(body)};
}

std::optional<EventSeries::Write> EventSeries::due(Time now) {
  for (auto& [key, entry] : series_)
    if (entry.count > entry.reported && now - entry.reportedAt >= kReportEvery) return report(entry, now);
  return std::nullopt;
}

void EventSeries::forget(const std::string& name) {
  std::erase_if(series_, [&](const auto& e) { return e.second.name == name; });
}

}  // namespace errand::kube
