"""Spark with several workers reads tables that the library wrote, and writes a table that the library reads.

    engines_spark.py MANIFEST FOLDER

MANIFEST is what the program `engines` printed, FOLDER where it wrote. A master and two workers run on the loopback
interface, each in a process of its own. What Spark writes is below FOLDER/spark, in the packed form of the table `nine`.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import time

import pyspark

HOME = pathlib.Path(pyspark.__file__).parent
CORES = 2


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    return [port.getsockname()[1] for port in held]


class Cluster:
    """A master and its workers."""

    def __init__(self, workers, folder):
        port, master_page, *pages = free_ports(2 + workers)
        self.url = f"spark://127.0.0.1:{port}"
        self.folder = folder
        self.processes = []
        self.start("master.Master", "--port", port, "--webui-port", master_page)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        for page in pages:
            work = ["--work-dir", folder / "work", "--cores", CORES, "--memory", "512m"]
            self.start("worker.Worker", "--webui-port", page, *work, self.url)

    def start(self, kind, *arguments):
        command = [HOME / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}", "--host", "127.0.0.1"]
        log = open(self.folder / f"{kind}.log", "ab")
        environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
        process = subprocess.Popen(
            [str(part) for part in [*command, *arguments]], stdout=log, stderr=log, env=environment
        )
        self.processes.append(process)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            process.wait(timeout=30)


def session(cluster):
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.executor.memory": "512m",
        # An executor on each worker, so that neither can do all by itself.
        "spark.executor.cores": str(CORES),
        "spark.sql.shuffle.partitions": "4",
        # Small tables are in small files: a task for each of some of them.
        "spark.sql.files.openCostInBytes": "67108864",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master(cluster.url)
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def read(spark, table):
    """The sum of a column by another, from what `ddl` prints, and which executors had a part in it."""
    names = {"spark": spark}
    exec(table["ddl"]["PySpark"]["text"], names)
    frame = names["table"]
    sums = {row["place"]: row["sum(n)"] for row in frame.groupBy("place").sum("n").collect()}
    # The address of the worker's process tells the executor.
    hosts = frame.rdd.mapPartitions(lambda rows: [os.getppid() for _ in list(rows)[:1]])
    return frame, sums, set(hosts.collect())


def write(frame, folder):
    """The table as the library stores it: a folder for each pack, and a file `rows.ndjson` in it."""
    by_pack = frame.repartition("place", "year").sortWithinPartitions("place", "year", "day")
    by_pack.write.partitionBy("place", "year").mode("overwrite").json(str(folder))
    for part in folder.rglob("part-*.json"):
        part.rename(part.with_name("rows.ndjson"))
    # What Spark leaves on a local disk for itself.
    for left in [*folder.rglob(".*.crc"), *folder.rglob("_SUCCESS")]:
        left.unlink()


def main():
    manifest, folder = sys.argv[1:]
    folder = pathlib.Path(folder)
    described = json.load(open(manifest, encoding="utf-8"))
    by_form = {table["form"]: table for table in described if table["table"] == "nine"}
    started = time.monotonic()
    cluster = Cluster(2, folder)
    try:
        spark = session(cluster)
        # Executors come one by one.
        deadline = time.monotonic() + 60
        executors = spark.sparkContext._jsc.sc().getExecutorMemoryStatus
        while executors().size() < 3 and time.monotonic() < deadline:
            time.sleep(0.2)
        for form, days in [("hive", 1), ("packed", 3)]:
            frame, sums, processes = read(spark, by_form[form])
            # The places have the numbers 1 to 3, 4 to 6 and 7 to 9.
            expected = {"a": 6 * days, "b": 15 * days, "c": 24 * days}
            if sums != expected:
                sys.exit(f"{form}: {sums} in the place of {expected}")
            if len(processes) < 2:
                sys.exit(f"{form}: one executor of two did all the work")
        write(frame, folder / "spark" / "nine")
        spark.stop()
    finally:
        cluster.stop()
    print(f"two workers of Spark read both forms of a table and wrote one in {time.monotonic() - started:.0f}s")


main()
