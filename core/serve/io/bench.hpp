// Threads for requests with a large body. Handling one takes much memory, and would delay the other requests
// of an I/O thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/serve/io/spending.hpp"

namespace errand::serve {

// Runs jobs on its own threads, in the order of the payers' CPU use. Safe to use from several threads.
class Bench {
 public:
  // The bodies of running jobs have at most `bytes` together, unless only one job runs. A party runs one job
  // at a time, and an address leaves a quarter of the threads to others. `spending` must outlive this object.
  Bench(Spending& spending, std::size_t threads, std::size_t bytes)
      : spending_(spending), most_(threads), bytes_(bytes) {}
  // Waits until every running and queued job is done.
  ~Bench();

  // `work` and `done` must not throw.
  struct Job {
    Payer payer;
    std::size_t bytes = 0;
    std::function<void()> work;
    std::function<void()> done;  // runs after `work`, on the same thread
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  };

  // Queues a job. The payer that has used the least CPU runs first; among equals, the first to arrive.
  void add(const std::shared_ptr<Job>& job);

  // Removes a queued job. Returns false if it has begun; done() has then been called, or will be.
  bool remove(const std::shared_ptr<Job>& job);

  // Waits until no job is running or queued. Do not add jobs during the call.
  void settle();

 private:
  void run(const std::stop_token& stop);
  std::shared_ptr<Job> next();
  bool isItsTurn(const Payer& payer) const;

  Spending& spending_;
  const std::size_t most_, bytes_;
  std::mutex mutex_;
  std::condition_variable_any some_;
  std::vector<std::shared_ptr<Job>> line_;
  std::vector<std::shared_ptr<Job>> running_;
  std::vector<std::jthread> threads_;  // last: they end before the other members are destroyed
};

}  // namespace errand::serve
