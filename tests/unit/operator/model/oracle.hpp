// Checks that forbidden states never occur, from what the API server stores and issues.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/operator/model/apiserver.hpp"

namespace errand::model {

// One call may be in flight when the cluster changes, and it cannot be cancelled.
// So a call is checked against what was stored when its process last heard from the
// server. That is its previous call, or the beginning of its run.
class Oracle {
 public:
  Oracle(ApiServer& server, const FakeClock& clock);

  void beginsRun(int replica);
  void beginsCall(int replica);
  void endsCall(int replica);

  void checkNow();          // after each step
  void checkConverged();    // faults have stopped, and every event is delivered and handled
  void checkWindowsOver();  // and every window, token and proof has had its time
  void checkRunsTold();     // and no policy rejects the end of a pod
  const std::vector<std::string>& violations() const { return violations_; }

  void byHand(const std::string& name) { touched_.insert(name); }

 private:
  struct Moment {
    std::uint64_t version = 0;
    Time time;
  };
  void written(const ApiServer::Write& write);
  void minted(const Token& token);
  void secretWritten(const json* before, const json& after, bool byOperator);
  void violated(std::string what) { violations_.push_back(std::move(what)); }
  const json* grantOf(const std::string& account) const;

  ApiServer& server_;
  const FakeClock& clock_;
  std::map<std::string, std::string> accountUid_;     // a grant's account to the grant's uid
  std::map<std::string, int> durations_;              // seconds, by the grant's uid
  std::map<std::string, std::uint64_t> endedAt_;      // by the grant's uid: the version that stored its end
  std::map<std::string, std::string> accountOf_;      // by the grant's uid: the account that its status names
  std::map<std::string, std::int64_t> grantStarted_;  // by the grant's uid
  std::map<std::string, std::string> newest_;         // credentials' issuedAt by the Secret's uid
  std::set<std::string> foreign_;                     // uids of what people made
  std::set<std::string> touched_;                     // names of what people tampered with
  std::set<std::string> letGo_;                       // uids of grants whose finalizer people took off
  std::map<int, Moment> heard_;
  int calling_ = -1;
  std::vector<std::string> violations_;
};

}  // namespace errand::model
