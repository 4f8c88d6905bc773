// Which events become an object of their own, and which are counted in one that
// is there already: what client-go's events package does. Pure.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <tuple>

#include "core/base/crypto.hpp"
#include "core/base/time.hpp"
#include "core/kube/client/review.hpp"

namespace errand::kube {

// What happened, to which object. `reason` and `action` are constants of ours;
// `note` is for people.
struct Event {
  ObjectReference regarding;
  std::string reason, action, note;
  bool warning = false;
};

class EventSink {
 public:
  virtual ~EventSink() = default;
  // Never blocks on the network.
  virtual void record(Event event) = 0;
};

// Who reports, in the words of events.k8s.io/v1.
struct Reporter {
  std::string controller = "errand.dev/operator";
  std::string instance;  // the pod's name
};

// https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
class EventSeries {
 public:
  struct Write {
    bool create = false;
    std::string ns, name;
    std::string body;  // an Event to create, or a merge patch of its series
  };

  explicit EventSeries(Reporter reporter, Random& random) : reporter_(std::move(reporter)), random_(random) {}

  // The write that tells of this event, or nothing where it is only counted: the
  // same within six minutes is one series, told at its second event and then at
  // most once a minute. Text beyond the API's limits is cut (note: 1024 bytes).
  std::optional<Write> add(const Event& event, Time now);

  // A series that was counted and not told for a minute.
  std::optional<Write> due(Time now);

  // The object of this name is gone: the next such event makes another.
  void forget(const std::string& name);

  size_t size() const { return series_.size(); }

 private:
  using Key = std::tuple<std::string, std::string, std::string, std::string, bool>;
  struct Entry {
    std::string ns, name;
    int count = 1, reported = 1;
    Time last, reportedAt;
  };

  Write report(Entry& entry, Time now) const;
  void makeRoom(Time now);

  Reporter reporter_;
  Random& random_;
  std::map<Key, Entry> series_;
};

}  // namespace errand::kube
