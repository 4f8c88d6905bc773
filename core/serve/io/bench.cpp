#include "core/serve/io/bench.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace errand::serve {
namespace {

// The nice value of these threads. They yield to the threads that answer small requests and probes.
constexpr int kNice = 10;
// The next job in turn may not fit yet. Once it has waited this long, no other job may start before it.
constexpr std::chrono::milliseconds kPatience{500};

}  // namespace

Bench::~Bench() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

void Bench::add(const std::shared_ptr<Job>& job) {
  {
    const std::lock_guard lock(mutex_);
    line_.push_back(job);
    // The first job starts the threads, because a server of health probes needs none.
    while (threads_.size() < most_) threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
  some_.notify_one();
}

bool Bench::remove(const std::shared_ptr<Job>& job) {
  const std::lock_guard lock(mutex_);
  return std::erase(line_, job) != 0;
}

void Bench::settle() {
  std::unique_lock lock(mutex_);
  some_.wait(lock, [&] { return running_.empty() && line_.empty(); });
}

bool Bench::isItsTurn(const Payer& payer) const {
  const auto same = [&](auto part) {
    return static_cast<std::size_t>(
        std::ranges::count_if(running_, [&](const auto& job) { return job->payer.*part == payer.*part; }));
  };
  return same(&Payer::party) == 0 && same(&Payer::address) < std::max<std::size_t>(1, most_ * 3 / 4);
}

// Returns null if no waiting job may start in addition to the running ones.
std::shared_ptr<Bench::Job> Bench::next() {
  std::size_t bytes = 0;
  for (const auto& job : running_) bytes += job->bytes;
  const auto fits = [&](const auto& job) { return running_.empty() || bytes + job->bytes <= bytes_; };
  const auto first = [&](std::vector<std::shared_ptr<Job>>& jobs) {
    return jobs[spending_.least(jobs.size(), [&](std::size_t i) -> const Payer& { return jobs[i]->payer; })];
  };
  std::vector<std::shared_ptr<Job>> all;
  std::ranges::copy_if(line_, std::back_inserter(all),
                       [&](const auto& job) { return isItsTurn(job->payer); });
  if (all.empty()) return nullptr;
  std::shared_ptr<Job> out = first(all);
  if (!fits(out)) {
    if (std::chrono::steady_clock::now() - out->since > kPatience) return nullptr;
    std::erase_if(all, [&](const auto& job) { return !fits(job); });
    if (all.empty()) return nullptr;
    out = first(all);
  }
  std::erase(line_, out);
  return out;
}

void Bench::run(const std::stop_token& stop) {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
  std::unique_lock lock(mutex_);
  std::shared_ptr<Job> job;
  while (some_.wait(lock, stop, [&] { return (job = next()) != nullptr; })) {
    running_.push_back(job);
    lock.unlock();
    const std::chrono::nanoseconds before = threadCpu();
    job->work();
    spending_.charge(job->payer, threadCpu() - before);
    job->done();
    lock.lock();
    std::erase(running_, job);
    job.reset();
    some_.notify_all();
  }
}

}  // namespace errand::serve
