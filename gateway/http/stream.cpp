#include "gateway/http/stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>

namespace boxoffice::gateway::http {
namespace {

using ErrorCode = boost::system::error_code;

bool would_block(const ErrorCode& ec) {
  return ec == boost::asio::error::would_block || ec == boost::asio::error::try_again;
}

}  // namespace

Stream::Stream(Socket socket, const CertificateInForce* certificate) : socket_(std::move(socket)) {
  if (certificate == nullptr) return;
  tls_ = certificate->now().session(socket_.native_handle());
  shaking_ = true;
}

Stream::Found Stream::shake_hands() {
  if (!tls_) return Found::broken;  // there was no memory for it
  ERR_clear_error();
  const int result = SSL_do_handshake(tls_.get());
  shaking_ = result != 1;
  if (!shaking_) return Found::bytes;
  spoke_plainly_ = ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_SSL &&
                   ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_HTTP_REQUEST;
  return tls_moved(result, 0).found;
}

void Stream::end_tls() {
  tls_.reset();
  shaking_ = false;
}

Stream::Moved Stream::read(std::span<char> into) {
  if (tls_) {
    ERR_clear_error();
    std::size_t bytes = 0;
    const int result = SSL_read_ex(tls_.get(), into.data(), into.size(), &bytes);
    return tls_moved(result, bytes);
  }
  ErrorCode ec;
  const std::size_t bytes = socket_.read_some(boost::asio::buffer(into.data(), into.size()), ec);
  if (would_block(ec)) return {Found::needs_read};
  if (ec == boost::asio::error::eof) return {Found::end};
  return {ec ? Found::broken : Found::bytes, bytes};
}

Stream::Moved Stream::write(std::span<const char> from) {
  if (tls_) {
    ERR_clear_error();
    std::size_t bytes = 0;
    const int result = SSL_write_ex(tls_.get(), from.data(), from.size(), &bytes);
    return tls_moved(result, bytes);
  }
  ErrorCode ec;
  const std::size_t bytes = socket_.write_some(boost::asio::buffer(from.data(), from.size()), ec);
  if (would_block(ec)) return {Found::needs_write};
  return {ec ? Found::broken : Found::bytes, bytes};
}

Stream::Moved Stream::tls_moved(int result, std::size_t bytes) {
  if (result == 1) return {Found::bytes, bytes};
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {Found::needs_read};
    case SSL_ERROR_WANT_WRITE:
      return {Found::needs_write};
    case SSL_ERROR_ZERO_RETURN:
      return {Found::end};
    default:
      return {Found::broken};
  }
}

void Stream::end_writing() {
  ErrorCode ec;
  // One way: the peer's own goodbye is not waited for. What does not fit is not worth waiting for.
  ERR_clear_error();
  if (tls_ && !shaking_) SSL_shutdown(tls_.get());
  socket_.shutdown(boost::asio::socket_base::shutdown_send, ec);
}

bool Stream::discard(std::span<char> into) {
  ErrorCode ec;
  socket_.read_some(boost::asio::buffer(into.data(), into.size()), ec);
  return !ec || would_block(ec);
}

void Stream::close() {
  ErrorCode ec;
  // Who waits for more is told that it was meant so. Before the descriptor can be another's.
  ERR_clear_error();
  if (tls_ && !shaking_) SSL_shutdown(tls_.get());
  tls_.reset();
  socket_.close(ec);
}

}  // namespace boxoffice::gateway::http
