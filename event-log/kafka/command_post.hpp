#pragma once

#include <vector>

#include "event-log/kafka/command_topic.hpp"

namespace boxoffice::event_log {

struct KafkaPostSettings {
  std::size_t underway_max = 65'536;  ///< records that no broker has acknowledged yet
  /// Given up after that; the record may be there all the same.
  std::chrono::milliseconds timeout{10'000};
  /// Replies of a partition are read over another connection where none has come for so long
  /// though there are some.
  std::chrono::milliseconds opens_again_after = kOpensAgainAfter;
};

/// The topics `boxoffice.commands` and `boxoffice.replies`, as gateways use them.
class KafkaCommandPost final : public CommandPost {
 public:
  [[nodiscard]] static Result<std::unique_ptr<KafkaCommandPost>> open(
      const KafkaSettings& settings, const KafkaPostSettings& post);
  ~KafkaCommandPost() override;

  /// `on_reply` is called on one thread of the post's, with every reply that was committed since it
  /// was opened, until the post is destroyed. What is sent can only be answered later, so no reply
  /// to it is missed. REQUIRES: once.
  void receive(OnReply on_reply);

  bool send(Partition partition, std::string_view key, std::string_view value, Sent& sent) override;

  /// Why replies could not be read lately, or commands cannot be sent; nullopt: they can. Whether
  /// brokers take what is sent is known a moment after it was opened.
  std::optional<std::string> trouble() const;
  /// For how long no reply of a partition has come though there is one, or nobody has told whether
  /// there is; by partition.
  std::vector<std::chrono::milliseconds> behind() const;

 private:
  struct Impl;
  explicit KafkaCommandPost(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace boxoffice::event_log
