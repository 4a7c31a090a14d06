// The thread that drives a processor, with disk and clock as in earnest.

#include <atomic>
#include <future>
#include <thread>

#include "commands/processor/background_thread.hpp"
#include "commands/processor/processor_thread.hpp"
#include "commands/processor/snapshot_directory.hpp"
#include "tests/processor/processor_test.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::processor {
namespace {

class Threaded : public ::testing::Test {
 protected:
  ~Threaded() override { stop(); }

  void start() {
    log_ = event_log::open_memory(store_);
    processor_ =
        std::make_unique<Processor>(Settings{}, Surroundings{*log_, keys_, snapshots_, background_},
                                    std::vector{schema::Partition{0}, schema::Partition{1}});
    thread_ = std::make_unique<ProcessorThread>(*processor_, clock());
  }

  void stop() {
    thread_.reset();
    processor_.reset();
    log_.reset();
  }

  static ProcessorThread::Clock clock() {
    return
        [] { return std::chrono::floor<schema::Milliseconds>(std::chrono::system_clock::now()); };
  }

  std::future<Answer> ask(std::string_view key, schema::Command command) {
    auto asked = submission(occasion(), key, std::move(command), clock()());
    auto promise = std::make_shared<std::promise<Answer>>();
    asked.respond = [promise](Answer answer) { promise->set_value(std::move(answer)); };
    if (!processor_->submit(std::move(asked))) promise->set_value(Unavailable{"full"});
    return promise->get_future();
  }

  const TemporaryDirectory directory_;
  std::shared_ptr<event_log::MemoryStore> store_ = event_log::make_memory_store(2);
  MemoryKeys keys_;
  SnapshotDirectory snapshots_{directory_.path() / "snapshots"};
  BackgroundThread background_;
  std::unique_ptr<event_log::Log> log_;
  std::unique_ptr<Processor> processor_;
  std::unique_ptr<ProcessorThread> thread_;
};

TEST_F(Threaded, AnswersManyThreads) {
  start();
  ask("create", create(details(1000)));
  ASSERT_TRUE(std::holds_alternative<Outcome>(ask("open", open()).get()));
  std::atomic<int> granted{0};
  {
    std::vector<std::jthread> clients;
    for (int client = 0; client < 4; ++client) {
      clients.emplace_back([&, client] {
        for (int i = 0; i < 250; ++i) {
          const std::string key = std::to_string(client) + "/" + std::to_string(i);
          const Answer answer = ask(key, claim(key, key)).get();
          if (std::holds_alternative<Outcome>(answer)) ++granted;
        }
      });
    }
  }
  EXPECT_EQ(granted, 1000);
}

TEST_F(Threaded, SettlesWhatIsDueThoughNothingArrives) {
  start();
  std::promise<void> expired;
  const auto following = log_->follow([&](const auto& batch) {
    if (std::holds_alternative<schema::ClaimExpired>(batch->events.front().event))
      expired.set_value();
  });
  ask("create", create(details(1, 20ms)));
  ask("open", open());
  ask("k1", claim("k1", "ada"));
  EXPECT_EQ(expired.get_future().wait_for(10s), std::future_status::ready);
}

TEST_F(Threaded, AnswersAllThatWasLetInBeforeItStops) {
  start();
  ask("create", create(details(1000)));
  ask("open", open()).get();
  std::vector<std::future<Answer>> asked;
  for (int i = 0; i < 500; ++i) {
    const std::string key = std::to_string(i);
    asked.push_back(ask(key, claim(key, key)));
  }
  thread_->stop();
  for (auto& answer : asked) EXPECT_TRUE(std::holds_alternative<Outcome>(answer.get()));
  EXPECT_TRUE(std::holds_alternative<Unavailable>(ask("late", claim("late", "ada")).get()));
}

TEST_F(Threaded, LeavesASnapshotWhenItStops) {
  start();
  ask("create", create(details(1000))).get();
  stop();
  const auto partition = schema::partition_of(schema::to_text(occasion()), 2);
  EXPECT_EQ(snapshots_.list(partition), (std::vector<schema::Sequence>{{1}}));
  const auto frame = snapshots_.read({partition, {1}});
  const auto snapshot = unframed(frame->bytes);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->head.position, (schema::Position{partition, {1}}));
}

}  // namespace
}  // namespace boxoffice::processor
