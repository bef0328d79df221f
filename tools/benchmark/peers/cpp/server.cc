// Serves bench.Bench by gRPC C++ with its callback interface: server PORT

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

#include "bench.grpc.pb.h"

namespace {

class BenchService final : public bench::Bench::CallbackService {
  grpc::ServerUnaryReactor* Small(grpc::CallbackServerContext* context, const bench::SmallRequest* request,
                                  bench::SmallReply* reply) override {
    reply->set_name(request->name());
    reply->set_id(request->id());
    reply->set_state(3);
    return Finish(context);
  }

  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const bench::Application* request,
                                 bench::Application* reply) override {
    *reply = *request;
    return Finish(context);
  }

  static grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: server PORT" << std::endl;
    return EXIT_FAILURE;
  }
  const std::string address = std::string("127.0.0.1:") + arguments[1];
  BenchService service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) {
    std::cerr << "cannot listen on " << address << std::endl;
    return EXIT_FAILURE;
  }
  server->Wait();
}
