// What becomes of a transaction whose end meets errors, from a broker in this process that gives
// them on demand. It neither fences nor hides what is aborted, so nothing is read back here.
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "event-log/kafka/transactions.hpp"

namespace boxoffice::event_log::kafka {
namespace {

constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kEndTxn = 26;

class KafkaTransactions : public ::testing::Test {
 protected:
  KafkaTransactions()
      : host_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)),
        broker_(rd_kafka_mock_cluster_new(host_, 1)) {
    settings_.bootstrap_servers = rd_kafka_mock_cluster_bootstraps(broker_);
    settings_.commit_timeout = std::chrono::milliseconds(2000);
    auto begun = Transactions::fence(settings_, "id", within(std::chrono::seconds(20)));
    if (!begun) throw std::runtime_error(begun.error().message);
    transactions_ = std::move(*begun);
  }
  ~KafkaTransactions() override {
    transactions_.reset();
    rd_kafka_mock_cluster_destroy(broker_);
    rd_kafka_destroy(host_);
  }

  void fail_next(std::int16_t request, rd_kafka_resp_err_t error) {
    rd_kafka_mock_push_request_errors(broker_, request, 1, error);
  }
  Outcome commit() { return transactions_->commit_key({0}, "name", "value"); }

  rd_kafka_t* host_;
  rd_kafka_mock_cluster_t* broker_;
  KafkaSettings settings_;
  std::unique_ptr<Transactions> transactions_;
};

TEST_F(KafkaTransactions, AreCommittedOneAfterTheOther) {
  for (int i = 0; i < 3; ++i) {
    const Outcome outcome = commit();
    EXPECT_EQ(outcome.fate, Fate::committed) << outcome.why;
  }
}

TEST_F(KafkaTransactions, AreInDoubtWhenTheirEndWasSentTwice) {
  fail_next(kEndTxn, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
  const Outcome outcome = commit();
  EXPECT_EQ(outcome.fate, Fate::in_doubt);
  EXPECT_EQ(outcome.why, "its end was sent to the broker more than once");
}

TEST_F(KafkaTransactions, AreInDoubtWhenTheConnectionBreaksBeforeTheAnswer) {
  fail_next(kEndTxn, RD_KAFKA_RESP_ERR__TRANSPORT);
  EXPECT_EQ(commit().fate, Fate::in_doubt);
}

TEST_F(KafkaTransactions, AreLostWhenARecordIsRefused) {
  fail_next(kProduce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  const Outcome outcome = commit();
  EXPECT_EQ(outcome.fate, Fate::lost) << outcome.why;
}

TEST_F(KafkaTransactions, AreFencedWhenTheBrokerSaysSo) {
  fail_next(kEndTxn, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
  const Outcome outcome = commit();
  EXPECT_EQ(outcome.fate, Fate::fenced) << outcome.why;
}

}  // namespace
}  // namespace boxoffice::event_log::kafka
