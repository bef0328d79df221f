// Serves the services of bench.proto by grpc-go on one processor: server PORT
package main

import (
	"context"
	"log"
	"net"
	"os"
	"runtime"

	"google.golang.org/grpc"

	pb "benchpb"
)

type benchService struct{}

func (benchService) Small(_ context.Context, request *pb.SmallRequest) (*pb.SmallReply, error) {
	return &pb.SmallReply{Name: request.Name, Id: request.Id, State: 3}, nil
}

func (benchService) Echo(_ context.Context, request *pb.Application) (*pb.Application, error) {
	return request, nil
}

type streamsService struct{}

func (streamsService) Count(request *pb.CountRequest, stream pb.Streams_CountServer) error {
	for i := int64(0); i < request.Count; i++ {
		if err := stream.Send(&pb.Chunk{Content: request.Content}); err != nil {
			return err
		}
	}
	return nil
}

type fillService struct{}

func (fillService) Fill(_ context.Context, request *pb.FillRequest) (*pb.Chunk, error) {
	return &pb.Chunk{Content: make([]byte, request.ByteCount)}, nil
}

type computingService struct{}

func (computingService) Compute(_ context.Context, request *pb.ComputeRequest) (*pb.ComputeReply, error) {
	value := uint64(1)
	for i := int64(0); i < request.Rounds; i++ {
		value = (value^value>>29)*0xBF58476D1CE4E5B9 + 1
	}
	return &pb.ComputeReply{Value: value}, nil
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: server PORT")
	}
	runtime.GOMAXPROCS(1)
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", os.Args[1]))
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	pb.RegisterBenchServer(server, benchService{})
	pb.RegisterStreamsServer(server, streamsService{})
	pb.RegisterFillServer(server, fillService{})
	pb.RegisterComputingServer(server, computingService{})
	log.Fatal(server.Serve(listener))
}
