// A seeded schedule: picks one of the events that can happen next.
#pragma once

#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/operator/model/oracle.hpp"
#include "tests/unit/operator/model/replica.hpp"

namespace errand::model {

// The same seed gives the same run. There is a leader, and a standby that has heard of
// less or more. At most one call of a process that no longer leads is still carried out.
class SimulatedCluster {
 public:
  explicit SimulatedCluster(std::uint64_t seed);

  // Returns the violations. Empty if there are none.
  std::vector<std::string> run(int steps);
  std::string trace() const;

 private:
  class Link final : public kube::Transport {
   public:
    Link(SimulatedCluster& world, int replica) : world_(world), replica_(replica) {}
    Result<kube::Response> call(const kube::Request& request, std::stop_token) override {
      return world_.carry(replica_, request);
    }
    Result<kube::Response> stream(const kube::Request&, const Sink&, std::stop_token) override {
      return fail(ErrorKind::Unavailable, "the schedule delivers events");
    }

   private:
    SimulatedCluster& world_;
    int replica_;
  };
  struct Process {
    std::unique_ptr<Replica> operatorOf;
    bool dead = false;  // crashed in the middle of a run, and sends nothing more
  };

  size_t pick(size_t below) { return static_cast<size_t>(random_() % below); }
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  void note(std::string line) { trace_.push_back(std::move(line)); }

  Result<kube::Response> carry(int replica, const kube::Request& request);
  void meanwhile();
  void step();
  void hear(int replica);
  void runOne(int replica);
  void start(int replica);
  void lead(int replica);
  void wait(Millis time);
  void settle(Millis time, Millis pace);

  void act();  // of people and of other controllers; in acts.cpp
  void prepare();
  void createGrant();
  void changeIdentity();
  void replaceWorkload();
  void tamper();
  void forge();
  void makePod();
  std::string someGrant();

  std::mt19937_64 random_;
  FakeClock clock_;
  ApiServer server_{clock_};
  Oracle oracle_{server_, clock_};
  std::array<Link, 2> links_{Link{*this, 0}, Link{*this, 1}};
  std::array<Process, 2> processes_;
  int leader_ = 0;
  int depth_ = 0;
  bool faults_ = true;
  bool refusing_ = chance(25);  // a policy rejects the end of every pod and Job
  unsigned made_ = 0;
  std::vector<std::string> trace_;
};

}  // namespace errand::model
