#include "app/metrics/posting.hpp"

#include "app/metrics/families.hpp"

namespace boxoffice::app {
namespace {

double in_seconds(std::chrono::milliseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

class PostingMetrics final : public prometheus::Collectable {
 public:
  explicit PostingMetrics(const Posting& posting) : posting_(posting) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    std::map<std::string, double, std::less<>> behind;
    const auto by_partition = posting_.replies_behind();
    for (std::size_t i = 0; i < by_partition.size(); ++i)
      behind[std::to_string(i)] = in_seconds(by_partition[i]);
    return {gauge("boxoffice_commands_unanswered_seconds",
                  "How long the oldest command has been under way that has no reply.",
                  in_seconds(posting_.unanswered_for())),
            labelled("boxoffice_replies_behind_seconds",
                     "How long nothing of the topic has come, though there is more.",
                     prometheus::MetricType::Gauge, "partition", behind)};
  }

 private:
  const Posting& posting_;
};

}  // namespace

std::shared_ptr<prometheus::Collectable> posting_metrics(const Posting& posting) {
  return std::make_shared<PostingMetrics>(posting);
}

}  // namespace boxoffice::app
