// Threads for requests whose body is large: reading and checking one takes longer than what else an I/O
// thread serves may wait, and much more memory than the body has.
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

class Bench {
 public:
  // What is worked on at once has `bytes` together, or is one body; of a party it is one, and an address
  // leaves a quarter of the threads to others. `spending` outlives it.
  Bench(Spending& spending, std::size_t threads, std::size_t bytes)
      : spending_(spending), most_(threads), bytes_(bytes) {}
  ~Bench();

  struct Job {
    Payer payer;
    std::size_t bytes = 0;
    std::function<void()> work;
    std::function<void()> done;  // after it, on the same thread
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  };

  // Whoever has used least CPU comes first, then who came first.
  void add(const std::shared_ptr<Job>& job);

  // False where it has begun, and done() is called or will be.
  bool remove(const std::shared_ptr<Job>& job);

  // Waits until nothing is worked on. Nothing is added meanwhile.
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
  std::vector<std::jthread> threads_;  // last: they end before the rest goes
};

}  // namespace errand::serve
