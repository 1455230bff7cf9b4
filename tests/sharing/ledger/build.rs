fn main() -> microagent_build::Result {
    microagent_build::configure()
        .out_dir("src/generated")
        .compile("schema")
}
